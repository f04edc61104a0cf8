import { createAlerts } from '../../../core/alerts/alerts';
import { createCallbacks } from '../../../core/alerts/callbacks';
import { createLines } from '../../../core/channels/lines';
import { checkReceipts } from '../../../workers/check-receipts';
import { confirmCallbacks } from '../../../workers/confirm-callbacks';
import { sendSms } from '../../../workers/sms/send-sms';
import {
  type AlertDesk,
  createAlertDesk,
  mobiles,
  outboxIds,
  type TestAlert,
} from '../../support/alert-desk';
import { useDatabase } from '../../support/database';
import { emailOfUnknownFate, listedOf, refusedSms } from '../../support/dead-alerts';
import { type Providers, startProviders } from '../../workers/providers';

const HOUR = 3600;
const test = useDatabase();
let desk: AlertDesk;
let providers: Providers;

beforeAll(async () => {
  desk = await createAlertDesk(test.db);
  providers = await startProviders();
});
afterAll(() => providers.close());

const send = (alerts: TestAlert[]) =>
  sendSms(providers.sendSmsDeps(test.db), 'sms-normal', outboxIds(alerts));
const one = async (mobile: string, options = {}) => (await desk.accept([mobile], options))[0] as TestAlert;
/** What is due of the delivery reports of these alerts, in the outbox. */
const receiptsOf = async (alerts: TestAlert[]) =>
  (
    await test.db.query<{ id: string }>(
      `SELECT id FROM outbox WHERE queue = 'sms-receipts' AND subject_ids && $1::bigint[]`,
      [alerts.map(({ alertId }) => alertId)],
    )
  ).map(({ id }) => id);

describe('an alert is listed for a person', () => {
  it('when the provider refuses it for good, by its code', async () => {
    const [failed] = await refusedSms(test.db, desk, providers);
    expect(await listedOf(test.db, [failed as TestAlert])).toEqual([
      { channel: 'sms', state: 'failed', cause: '411' },
    ]);
  });

  it('when it was accepted and not delivered, by the status', async () => {
    const alert = await one('09990000014');
    await send([alert]);
    expect(await listedOf(test.db, [alert])).toEqual([]);
    await checkReceipts(providers.receiptDeps(test.db), await receiptsOf([alert]));
    expect(await listedOf(test.db, [alert])).toEqual([{ channel: 'sms', state: 'failed', cause: '14' }]);
  });

  it('when its time is over, by the code of the last try', async () => {
    const [tried, never] = [await one('09990000402'), await one('09121117777')];
    await send([tried]);
    await desk.age([tried, never], 80 * HOUR);
    await createAlerts(test.db, 'sms').expire('sms-normal', outboxIds([tried, never]));
    expect(await listedOf(test.db, [tried, never])).toEqual([
      { channel: 'sms', state: 'expired', cause: '402' },
      { channel: 'sms', state: 'expired', cause: 'none' },
    ]);
  });

  it('when its fate is unknown and nobody will ask again', async () => {
    const alert = await emailOfUnknownFate(test.db, desk, providers);
    expect(await listedOf(test.db, [alert])).toMatchObject([{ channel: 'email', state: 'unknown' }]);
  });
});

describe('an alert is not listed', () => {
  it('while it waits, is sent, or the workers still ask about it', async () => {
    const [waiting, sent] = [await one('09121110001'), await one('09121110002')];
    await send([sent]);
    const doubtful = await one('09990000003');
    await send([doubtful]);
    expect(await desk.states([waiting, sent, doubtful])).toEqual(['queued', 'sent', 'unknown']);
    expect(await listedOf(test.db, [waiting, sent, doubtful])).toEqual([]);
  });

  it('any more, once it turns out to be delivered', async () => {
    const alert = await one('09121110003');
    await send([alert]);
    await desk.age([alert], 49 * HOUR);
    const [attempt] = await desk.attempts(alert);
    const messageId = attempt?.messageId as string;
    await test.db.query(
      `WITH a AS (UPDATE alerts SET state = 'unknown' WHERE id = $1)
       INSERT INTO dead_alerts (alert_id, channel, state, cause) VALUES ($1, 'sms', 'unknown', '100')`,
      [alert.alertId],
    );
    await createCallbacks(test.db).record(messageId, 10);
    const callbacks = await test.db.query<{ id: string }>(
      `SELECT id FROM outbox WHERE queue = 'sms-callbacks'`,
    );
    await confirmCallbacks(
      providers.receiptDeps(test.db),
      callbacks.map(({ id }) => id),
    );
    expect(await desk.states([alert])).toEqual(['delivered']);
    expect(await listedOf(test.db, [alert])).toEqual([]);
  });

  it('for having been held back by a shut channel', async () => {
    const alerts = await desk.accept(mobiles(3, 900));
    await createLines(test.db).disable('kavenegar', 'closed', '403', 'the API key is not valid');
    await send(alerts);
    expect(await listedOf(test.db, alerts)).toEqual([]);
    await createLines(test.db).openChannel('sms');
  });
});
