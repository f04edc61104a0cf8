import { countUnsettled } from '../../faults/rig/until-settled';
import { createAlertDesk } from '../support/alert-desk';
import { useDatabase } from '../support/database';

describe('what is left after a fault', () => {
  const test = useDatabase();

  it('is forgotten where no work is about it, whatever other work goes by the same numbers', async () => {
    const desk = await createAlertDesk(test.db);
    const [alert] = await desk.accept(['09120000001', 'one@example.org']);
    expect(await countUnsettled(test.db)).toMatchObject({ alerts: 2, orphaned: 0 });
    await test.db.query('DELETE FROM outbox WHERE id = $1', [alert?.outboxId]);
    await test.db.query(
      `INSERT INTO outbox (queue, subject_ids, run_at, relay_at) VALUES ('sms-callbacks', ARRAY[$1::bigint], now(), now())`,
      [alert?.alertId],
    );
    expect(await countUnsettled(test.db)).toMatchObject({ alerts: 2, orphaned: 1 });
  });
});
