import { createAlerts } from '../../../core/alerts/alerts';
import { createCallbacks } from '../../../core/alerts/callbacks';
import { createLines } from '../../../core/channels/lines';
import { checkReceipts } from '../../../workers/check-receipts';
import { confirmCallbacks } from '../../../workers/confirm-callbacks';
import { sendSms } from '../../../workers/sms/send-sms';
import { mobiles, outboxIds, type TestAlert } from '../../support/alert-desk';
import { emailOfUnknownFate, listedOf, refusedSms } from '../../support/dead-alerts';
import { useWorkersScene } from '../../workers/scene';

const HOUR = 3600;
const scene = useWorkersScene();

const send = (alerts: TestAlert[]) =>
  sendSms(scene.providers.sendSmsDeps(scene.db), 'sms-normal', outboxIds(alerts));
const one = async (mobile: string, options = {}) =>
  (await scene.desk.accept([mobile], options))[0] as TestAlert;
/** Reads the outbox rows of the receipt checks of these alerts. */
const receiptsOf = async (alerts: TestAlert[]) =>
  (
    await scene.db.query<{ id: string }>(
      `SELECT id FROM outbox WHERE queue = 'sms-receipts' AND subject_ids && $1::bigint[]`,
      [alerts.map(({ alertId }) => alertId)],
    )
  ).map(({ id }) => id);

describe('an alert is listed for a person', () => {
  it('when the provider rejects it, by its code', async () => {
    const [failed] = await refusedSms(scene.db, scene.desk, scene.providers);
    expect(await listedOf(scene.db, [failed as TestAlert])).toEqual([
      { channel: 'sms', state: 'failed', cause: '411' },
    ]);
  });

  it('when it was accepted and not delivered, by the status', async () => {
    const alert = await one('09990000014');
    await send([alert]);
    expect(await listedOf(scene.db, [alert])).toEqual([]);
    await checkReceipts(scene.providers.receiptDeps(scene.db), await receiptsOf([alert]));
    expect(await listedOf(scene.db, [alert])).toEqual([{ channel: 'sms', state: 'failed', cause: '14' }]);
  });

  it('when it expires, by the code of the last attempt', async () => {
    const [tried, never] = [await one('09990000402'), await one('09121117777')];
    await send([tried]);
    await scene.desk.age([tried, never], 80 * HOUR);
    await createAlerts(scene.db, 'sms').expire('sms-normal', outboxIds([tried, never]));
    expect(await listedOf(scene.db, [tried, never])).toEqual([
      { channel: 'sms', state: 'expired', cause: '402' },
      { channel: 'sms', state: 'expired', cause: 'none' },
    ]);
  });

  it('when it is unknown and no worker will look it up', async () => {
    const alert = await emailOfUnknownFate(scene.db, scene.desk, scene.providers);
    expect(await listedOf(scene.db, [alert])).toMatchObject([{ channel: 'email', state: 'unknown' }]);
  });
});

describe('an alert is not listed', () => {
  it('while it is queued, sent, or looked up by workers', async () => {
    const [waiting, sent] = [await one('09121110001'), await one('09121110002')];
    await send([sent]);
    const doubtful = await one('09990000003');
    await send([doubtful]);
    expect(await scene.desk.states([waiting, sent, doubtful])).toEqual(['queued', 'sent', 'unknown']);
    expect(await listedOf(scene.db, [waiting, sent, doubtful])).toEqual([]);
  });

  it('any more once it is delivered', async () => {
    const alert = await one('09121110003');
    await send([alert]);
    await scene.desk.age([alert], 49 * HOUR);
    const [attempt] = await scene.desk.attempts(alert);
    const messageId = attempt?.messageId as string;
    await scene.db.query(
      `WITH a AS (UPDATE alerts SET state = 'unknown' WHERE id = $1)
       INSERT INTO dead_alerts (alert_id, channel, state, cause) VALUES ($1, 'sms', 'unknown', '100')`,
      [alert.alertId],
    );
    await createCallbacks(scene.db).record(messageId, 10);
    const callbacks = await scene.db.query<{ id: string }>(
      `SELECT id FROM outbox WHERE queue = 'sms-callbacks'`,
    );
    await confirmCallbacks(
      scene.providers.receiptDeps(scene.db),
      callbacks.map(({ id }) => id),
    );
    expect(await scene.desk.states([alert])).toEqual(['delivered']);
    expect(await listedOf(scene.db, [alert])).toEqual([]);
  });

  it('because its channel was disabled', async () => {
    const alerts = await scene.desk.accept(mobiles(3, 900));
    await createLines(scene.db).disable('kavenegar', 'closed', '403', 'the API key is not valid');
    await send(alerts);
    expect(await listedOf(scene.db, alerts)).toEqual([]);
    await createLines(scene.db).openChannel('sms');
  });
});
