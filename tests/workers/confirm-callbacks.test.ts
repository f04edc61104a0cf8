import { createAlerts } from '../../core/alerts/alerts';
import { createCallbacks } from '../../core/alerts/callbacks';
import { decideAfterSend } from '../../core/alerts/decide-after-send';
import { NotSent } from '../../core/channels/outcomes';
import { createMetrics } from '../../core/platform/metrics';
import { createCodeSecrets } from '../../core/sessions/code-secrets';
import { createLoginCodes } from '../../core/sessions/login-codes';
import { confirmCallbacks } from '../../workers/confirm-callbacks';
import { sendLoginCode } from '../../workers/send-login-code';
import { sendSms } from '../../workers/sms/send-sms';
import { type AlertDesk, createAlertDesk, mobiles, outboxIds, type TestAlert } from '../support/alert-desk';
import { useDatabase } from '../support/database';
import { nationalId, registerEmployer } from '../support/fixtures';
import { type Providers, startProviders } from './providers';

const SECRET_KEY = 'a secret of more than thirty-two bytes';

const test = useDatabase();
let desk: AlertDesk;
let providers: Providers;

beforeAll(async () => {
  desk = await createAlertDesk(test.db);
});
beforeEach(async () => {
  await test.db.query(`DELETE FROM outbox WHERE queue = 'sms-callbacks'`);
  await test.db.query('DELETE FROM sms_callbacks');
  providers = await startProviders();
});
afterEach(() => providers.close());

async function sent(mobile: string): Promise<{ alert: TestAlert; messageId: string }> {
  const alerts = (await desk.accept([mobile])) as [TestAlert];
  await sendSms(providers.sendSmsDeps(test.db), 'sms-normal', outboxIds(alerts));
  const [attempt] = await desk.attempts(alerts[0]);
  return { alert: alerts[0], messageId: attempt?.messageId as string };
}
const report = (messageId: string, status: number) => createCallbacks(test.db).record(messageId, status);
const work = () =>
  test.db.query<{ id: string; relayIn: number }>(
    `SELECT id, extract(epoch FROM relay_at - now())::float8 AS "relayIn" FROM outbox
      WHERE queue = 'sms-callbacks' ORDER BY id`,
  );
/** Follows up every report there is. */
const confirm = async () =>
  confirmCallbacks(
    providers.receiptDeps(test.db),
    (await work()).map(({ id }) => id),
  );
const matched = async () =>
  (await test.db.query<{ matched: boolean | null }>('SELECT matched FROM sms_callbacks ORDER BY id')).map(
    (row) => row.matched,
  );

describe('a pushed delivery report', () => {
  it('makes us ask the provider, and what it says counts', async () => {
    const { alert, messageId } = await sent('09121110000');
    await report(messageId, 10);
    await confirm();
    expect(await desk.states([alert])).toEqual(['delivered']);
    expect(await matched()).toEqual([true]);
    expect(await work()).toEqual([]);
  });

  it('is not believed itself: anybody could have sent it', async () => {
    const { alert, messageId } = await sent('09990000010');
    await report(messageId, 10);
    await confirm();
    expect(await desk.states([alert])).toEqual(['sent']);
    const failed = await sent('09990000011');
    await report(failed.messageId, 10);
    await confirm();
    expect(await desk.states([failed.alert])).toEqual(['failed']);
    expect(await work()).toEqual([]);
  });

  it('twice has one effect', async () => {
    const { alert, messageId } = await sent('09121110001');
    await report(messageId, 10);
    const ids = (await work()).map(({ id }) => id);
    await Promise.all([1, 2, 3].map(() => confirmCallbacks(providers.receiptDeps(test.db), ids)));
    await report(messageId, 10);
    await confirm();
    expect((await desk.events(alert)).map(({ type }) => type)).toEqual(['alert.sent', 'alert.delivered']);
    expect(await work()).toEqual([]);
  });

  it('of a message whose fate is known is not even asked about', async () => {
    const { alert, messageId } = await sent('09121110002');
    await report(messageId, 10);
    await confirm();
    const calls = providers.kavenegar.calls('sms/status');
    await report(messageId, 6);
    await confirm();
    expect(providers.kavenegar.calls('sms/status')).toBe(calls);
    expect(await desk.states([alert])).toEqual(['delivered']);
    expect(await matched()).toEqual([true, true]);
  });

  it('that comes before its own send has settled is not lost', async () => {
    const [alert] = (await desk.accept(mobiles(1))) as [TestAlert];
    const alerts = createAlerts(test.db, 'sms');
    const claimed = await alerts.claim('sms-normal', [alert.outboxId], 'kavenegar');
    const messages = claimed.map(({ attemptId, address, text }) => ({
      localId: attemptId,
      mobile: address,
      text,
    }));
    const results = await providers.sms.send(messages);
    await report(String(providers.kavenegar.messages()[0]?.id), 10);
    await confirm();
    expect(await matched()).toEqual([null]);
    const [waiting] = await work();
    expect(waiting?.relayIn).toBeGreaterThan(10);
    expect(waiting?.relayIn).toBeLessThanOrEqual(15);

    await alerts.settle(
      'kavenegar',
      claimed.map((one, i) => {
        const result = results[i] as (typeof results)[number];
        const situation = { ...one, channel: 'sms' as const, onUnknownEmail: 'park' as const };
        return { alert: one, result, decision: decideAfterSend(result, situation) };
      }),
    );
    await confirm();
    expect(await desk.states([alert])).toEqual(['delivered']);
    expect(await matched()).toEqual([true]);
    expect(await work()).toEqual([]);
  });

  it('that belongs to nothing of ours is looked at for ten minutes, then let go', async () => {
    await report('31415926', 10);
    await confirm();
    expect(await work()).toHaveLength(1);
    await test.db.query(`UPDATE sms_callbacks SET received_at = now() - interval '601 seconds'`);
    await confirm();
    expect(await work()).toEqual([]);
    expect(await matched()).toEqual([false]);
    expect(providers.kavenegar.calls()).toBe(0);
  });

  it('of a login code is no stranger’s, and the provider is not asked about it', async () => {
    const id = nationalId(800);
    await registerEmployer(test.db, { nationalId: id, mobile: '09121110006' });
    await createLoginCodes(test.db, SECRET_KEY).request(id, { token: 'visitor', address: '192.0.2.8' });
    const [code] = await test.db.query<{ id: string }>(`SELECT id FROM outbox WHERE queue = 'login-codes'`);
    const { sms, log } = providers;
    const secrets = createCodeSecrets(SECRET_KEY);
    const deps = { db: test.db, lines: [sms], secrets, suffix: '', log, metrics: createMetrics() };
    await sendLoginCode(deps, [code?.id as string]);
    const calls = providers.kavenegar.calls();
    await report(String(providers.kavenegar.messages()[0]?.id), 10);
    await confirm();
    expect(await matched()).toEqual([true]);
    expect(await work()).toEqual([]);
    expect(providers.kavenegar.calls()).toBe(calls);
  });

  it('of a stranger does not hold up ours', async () => {
    const { alert, messageId } = await sent('09121110003');
    await report('31415926', 10);
    await report(messageId, 10);
    await confirm();
    expect(await desk.states([alert])).toEqual(['delivered']);
    expect(await matched()).toEqual([null, true]);
  });

  it('is kept while the provider cannot be asked', async () => {
    const { messageId } = await sent('09121110004');
    await report(messageId, 10);
    await providers.close();
    await expect(confirm()).rejects.toBeInstanceOf(NotSent);
    expect(await work()).toHaveLength(1);
    expect(await matched()).toEqual([null]);
  });

  it('ends an alert of which no receipt had come in time', async () => {
    const { alert, messageId } = await sent('09121110005');
    await test.db.query(`UPDATE alerts SET state = 'unknown' WHERE id = $1`, [alert.alertId]);
    await report(messageId, 10);
    await confirm();
    expect(await desk.states([alert])).toEqual(['delivered']);
  });
});
