import { OUTBOX_QUEUES, SINGLE_SUBJECT_QUEUES } from '../../core/platform/queues';
import { useDatabase } from '../support/database';

const test = useDatabase();

const addWork = (queue: string, subjectIds: string) =>
  test.db.query(
    `INSERT INTO outbox (queue, subject_ids, run_at, relay_at) VALUES ($1, $2::bigint[], now(), now())`,
    [queue, subjectIds],
  );

describe('an outbox row', () => {
  it.each(SINGLE_SUBJECT_QUEUES)('of %s has exactly one subject', async (queue) => {
    await addWork(queue, '{1}');
    await expect(addWork(queue, '{1,2}')).rejects.toMatchObject({
      code: '23514',
      constraint: 'outbox_single_subject',
    });
  });

  it.each(OUTBOX_QUEUES.filter((queue) => !SINGLE_SUBJECT_QUEUES.includes(queue)))(
    'of %s may have several subjects',
    async (queue) => {
      await addWork(queue, '{1,2}');
    },
  );

  it.each(OUTBOX_QUEUES)('of %s has at least one subject', async (queue) => {
    await expect(addWork(queue, '{}')).rejects.toMatchObject({ code: '23514' });
  });
});
