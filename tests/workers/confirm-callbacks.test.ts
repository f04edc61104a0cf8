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
import { mobiles, outboxIds, type TestAlert } from '../support/alert-desk';
import { nationalId, registerEmployer } from '../support/fixtures';
import { useWorkersScene } from './scene';

const SECRET_KEY = 'a secret of more than thirty-two bytes';

const scene = useWorkersScene();

beforeEach(async () => {
  await scene.db.query(`DELETE FROM outbox WHERE queue = 'sms-callbacks'`);
  await scene.db.query('DELETE FROM sms_callbacks');
});

async function sent(mobile: string): Promise<{ alert: TestAlert; messageId: string }> {
  const alerts = (await scene.desk.accept([mobile])) as [TestAlert];
  await sendSms(scene.providers.sendSmsDeps(scene.db), 'sms-normal', outboxIds(alerts));
  const [attempt] = await scene.desk.attempts(alerts[0]);
  return { alert: alerts[0], messageId: attempt?.messageId as string };
}
const report = (messageId: string, status: number) => createCallbacks(scene.db).record(messageId, status);
const work = () =>
  scene.db.query<{ id: string; relayIn: number }>(
    `SELECT id, extract(epoch FROM relay_at - now())::float8 AS "relayIn" FROM outbox
      WHERE queue = 'sms-callbacks' ORDER BY id`,
  );
/** Follows up every report there is. */
const confirm = async () =>
  confirmCallbacks(
    scene.providers.receiptDeps(scene.db),
    (await work()).map(({ id }) => id),
  );
const matched = async () =>
  (await scene.db.query<{ matched: boolean | null }>('SELECT matched FROM sms_callbacks ORDER BY id')).map(
    (row) => row.matched,
  );

describe('a pushed delivery report', () => {
  it('makes the worker ask the provider, whose answer counts', async () => {
    const { alert, messageId } = await sent('09121110000');
    await report(messageId, 10);
    await confirm();
    expect(await scene.desk.states([alert])).toEqual(['delivered']);
    expect(await matched()).toEqual([true]);
    expect(await work()).toEqual([]);
  });

  it('is not believed itself: it is unsigned', async () => {
    const { alert, messageId } = await sent('09990000010');
    await report(messageId, 10);
    await confirm();
    expect(await scene.desk.states([alert])).toEqual(['sent']);
    const failed = await sent('09990000011');
    await report(failed.messageId, 10);
    await confirm();
    expect(await scene.desk.states([failed.alert])).toEqual(['failed']);
    expect(await work()).toEqual([]);
  });

  it('has one effect when it comes twice', async () => {
    const { alert, messageId } = await sent('09121110001');
    await report(messageId, 10);
    const ids = (await work()).map(({ id }) => id);
    await Promise.all([1, 2, 3].map(() => confirmCallbacks(scene.providers.receiptDeps(scene.db), ids)));
    await report(messageId, 10);
    await confirm();
    expect((await scene.desk.events(alert)).map(({ type }) => type)).toEqual([
      'alert.sent',
      'alert.delivered',
    ]);
    expect(await work()).toEqual([]);
  });

  it('of a message in a final state makes no call to the provider', async () => {
    const { alert, messageId } = await sent('09121110002');
    await report(messageId, 10);
    await confirm();
    const calls = scene.providers.kavenegar.calls('sms/status');
    await report(messageId, 6);
    await confirm();
    expect(scene.providers.kavenegar.calls('sms/status')).toBe(calls);
    expect(await scene.desk.states([alert])).toEqual(['delivered']);
    expect(await matched()).toEqual([true, true]);
  });

  it('is not lost when it comes before its own send has settled', async () => {
    const [alert] = (await scene.desk.accept(mobiles(1))) as [TestAlert];
    const alerts = createAlerts(scene.db, 'sms');
    const claimed = await alerts.claim('sms-normal', [alert.outboxId], 'kavenegar');
    const messages = claimed.map(({ attemptId, address, text }) => ({
      localId: attemptId,
      mobile: address,
      text,
    }));
    const results = await scene.providers.sms.send(messages);
    await report(String(scene.providers.kavenegar.messages()[0]?.id), 10);
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
    expect(await scene.desk.states([alert])).toEqual(['delivered']);
    expect(await matched()).toEqual([true]);
    expect(await work()).toEqual([]);
  });

  it('that matches no message is kept for ten minutes, then closed', async () => {
    await report('31415926', 10);
    await confirm();
    expect(await work()).toHaveLength(1);
    await scene.db.query(`UPDATE sms_callbacks SET received_at = now() - interval '601 seconds'`);
    await confirm();
    expect(await work()).toEqual([]);
    expect(await matched()).toEqual([false]);
    expect(scene.providers.kavenegar.calls()).toBe(0);
  });

  it('of a login code is closed as matched, without a call to the provider', async () => {
    const id = nationalId(800);
    await registerEmployer(scene.db, { nationalId: id, mobile: '09121110006' });
    await createLoginCodes(scene.db, SECRET_KEY).request(id, { token: 'visitor', address: '192.0.2.8' });
    const [code] = await scene.db.query<{ id: string }>(`SELECT id FROM outbox WHERE queue = 'login-codes'`);
    const { sms, log } = scene.providers;
    const secrets = createCodeSecrets(SECRET_KEY);
    const deps = { db: scene.db, lines: [sms], secrets, suffix: '', log, metrics: createMetrics() };
    await sendLoginCode(deps, [code?.id as string]);
    const calls = scene.providers.kavenegar.calls();
    await report(String(scene.providers.kavenegar.messages()[0]?.id), 10);
    await confirm();
    expect(await matched()).toEqual([true]);
    expect(await work()).toEqual([]);
    expect(scene.providers.kavenegar.calls()).toBe(calls);
  });

  it('that matches no message does not delay the others', async () => {
    const { alert, messageId } = await sent('09121110003');
    await report('31415926', 10);
    await report(messageId, 10);
    await confirm();
    expect(await scene.desk.states([alert])).toEqual(['delivered']);
    expect(await matched()).toEqual([null, true]);
  });

  it('is kept while the provider cannot be asked', async () => {
    const { messageId } = await sent('09121110004');
    await report(messageId, 10);
    await scene.providers.close();
    await expect(confirm()).rejects.toBeInstanceOf(NotSent);
    expect(await work()).toHaveLength(1);
    expect(await matched()).toEqual([null]);
  });

  it('ends an alert whose delivery report did not come in time', async () => {
    const { alert, messageId } = await sent('09121110005');
    await scene.db.query(`UPDATE alerts SET state = 'unknown' WHERE id = $1`, [alert.alertId]);
    await report(messageId, 10);
    await confirm();
    expect(await scene.desk.states([alert])).toEqual(['delivered']);
  });
});
