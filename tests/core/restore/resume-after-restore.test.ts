import { resumeAfterRestore } from '../../../core/restore/resume-after-restore';
import { createAlertDesk } from '../../support/alert-desk';
import { useDatabase } from '../../support/database';

const test = useDatabase();

describe('work that is let go on in a restored database', () => {
  it('is refused in one that came by a dump, whose events are of transactions another cluster counted', async () => {
    const desk = await createAlertDesk(test.db);
    await test.db.query(
      `INSERT INTO events (source_id, type, actor, data, tx) VALUES ($1, 'notice.accepted', 'system', '{}', '5000000000')`,
      [desk.source.id],
    );
    await expect(resumeAfterRestore(test.db, null)).rejects.toMatchObject({ code: 'feed_out_of_order' });
  });
});
