import { createAlerts } from '../../../core/alerts/alerts';
import { decideAfterSend } from '../../../core/alerts/decide';
import { createReceipts } from '../../../core/alerts/receipts';
import { resumeAfterRestore } from '../../../core/restore/restores';
import { createAlertDesk } from '../../support/alert-desk';
import { useDatabase } from '../../support/database';

const test = useDatabase();

describe('work that is let go on in a restored database', () => {
  it('sends nothing by the template of which the provider may have said in the lost time that it was blocked', async () => {
    const desk = await createAlertDesk(test.db);
    const [alert] = await desk.accept(['09120000001']);
    const { outboxId } = alert as { outboxId: string };
    const sms = createAlerts(test.db, 'sms');
    const [claimed] = await sms.claim('sms-normal', [outboxId], 'kavenegar');
    if (!claimed) throw new Error('nothing was claimed');
    const result = { outcome: 'accepted', providerMessageId: '77', code: '1', parts: 1, cost: 1 } as const;
    const decision = decideAfterSend(result, { ...claimed, channel: 'sms', onUnknownEmail: 'park' });
    await sms.settle('kavenegar', [{ alert: claimed, result, decision }]);
    const mayGo = async () => {
      const [polled] = await createReceipts(test.db).due([outboxId]);
      const [reported] = await createReceipts(test.db).byProviderIds(['77']);
      return [polled?.mayGoByTemplate, reported?.mayGoByTemplate];
    };
    expect(await mayGo()).toEqual([true, true]);
    await resumeAfterRestore(test.db, new Date());
    expect(await mayGo()).toEqual([false, false]);
    expect(await desk.states(alert ? [alert] : [])).toEqual(['sent']);
  });

  it('is refused in one that came by a dump, whose events are of transactions another cluster counted', async () => {
    const desk = await createAlertDesk(test.db);
    await test.db.query(
      `INSERT INTO events (source_id, type, actor, data, tx) VALUES ($1, 'notice.accepted', 'system', '{}', '5000000000')`,
      [desk.source.id],
    );
    await expect(resumeAfterRestore(test.db, null)).rejects.toMatchObject({ code: 'feed_out_of_order' });
  });
});
