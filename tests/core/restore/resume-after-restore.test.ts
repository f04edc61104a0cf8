import { resumeAfterRestore } from '../../../core/restore/resume-after-restore';
import { createAlertDesk } from '../../support/alert-desk';
import { useDatabase } from '../../support/database';

const test = useDatabase();

describe('resuming work in a restored database', () => {
  it('is refused after loading a dump, whose events have transaction numbers of another cluster', async () => {
    const desk = await createAlertDesk(test.db);
    await test.db.query(
      `INSERT INTO events (source_id, type, actor, data, tx) VALUES ($1, 'notice.accepted', 'system', '{}', '5000000000')`,
      [desk.source.id],
    );
    await expect(resumeAfterRestore(test.db, null)).rejects.toMatchObject({ code: 'feed_out_of_order' });
  });
});
