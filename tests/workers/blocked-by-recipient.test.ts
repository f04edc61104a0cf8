import { createCallbacks } from '../../core/alerts/callbacks';
import { createReceipts, type OpenMessage } from '../../core/alerts/receipts';
import { resendAlerts } from '../../core/alerts/resend-alerts';
import type { SmsChannel } from '../../core/channels/sms-channel';
import { createMetrics } from '../../core/platform/metrics';
import { resumeAfterRestore } from '../../core/restore/resume-after-restore';
import { checkReceipts } from '../../workers/check-receipts';
import { confirmCallbacks } from '../../workers/confirm-callbacks';
import { sendSms } from '../../workers/sms/send-sms';
import { mobiles, type TestAlert } from '../support/alert-desk';
import { shutChannels } from '../support/shut-channels';
import { until } from '../support/until';
import { useWorkersScene } from './scene';

const BLOCKING = '09990000014';

const scene = useWorkersScene({ settings: { blockedTemplate: 'ablagh-notice' } });

const deps = (lines: readonly SmsChannel[] = scene.providers.lines) => ({
  db: scene.db,
  log: scene.providers.log,
  metrics: createMetrics(),
  lines,
});
/** The work there is for an alert: it moves from row to row. */
async function workOf({ alertId }: TestAlert, queue: string): Promise<string[]> {
  const rows = await scene.db.query<{ id: string }>(
    'SELECT id FROM outbox WHERE queue = $1 AND $2 = ANY(subject_ids) ORDER BY id',
    [queue, alertId],
  );
  return rows.map(({ id }) => id);
}
const send = async (alert: TestAlert, given = deps()) =>
  sendSms(given, 'sms-normal', await workOf(alert, 'sms-normal'));
const check = async (alert: TestAlert, given = deps()) =>
  checkReceipts(given, await workOf(alert, 'sms-receipts'));
const types = async (alert: TestAlert) => (await scene.desk.events(alert)).map(({ type }) => type);
const accept = async (mobile = BLOCKING) => (await scene.desk.accept([mobile]))[0] as TestAlert;

/** An alert whose recipient blocks the line, as the provider has told. */
async function blocked(): Promise<TestAlert> {
  const alert = await accept();
  await send(alert);
  await check(alert);
  expect(await scene.desk.states([alert])).toEqual(['queued']);
  return alert;
}

describe('an alert whose recipient blocks the line', () => {
  it('goes by the template then, with only the tracking number, and arrives', async () => {
    const alert = await accept();
    await send(alert);
    await check(alert);
    expect(await scene.desk.states([alert])).toEqual(['queued']);
    expect(await scene.desk.reason(alert)).toMatch(/the recipient blocks .*; it goes by the template now$/);
    expect(await workOf(alert, 'sms-receipts')).toEqual([]);
    await send(alert);
    await check(alert);
    expect(await scene.desk.states([alert])).toEqual(['delivered']);
    const [first, second] = scene.providers.kavenegar.messages();
    expect(first?.localId).not.toBeNull();
    const [notice] = await scene.db.query<{ number: string }>(
      'SELECT tracking_number AS number FROM notices WHERE id = $1',
      [alert.noticeId],
    );
    expect(second).toMatchObject({
      receptor: BLOCKING,
      text: `ablagh-notice: ${notice?.number}`,
      localId: null,
    });
  });

  it('has both attempts on its timeline, with the reason for the second', async () => {
    const alert = await blocked();
    await send(alert);
    await check(alert);
    const [first, second] = scene.providers.kavenegar.messages();
    expect(await scene.desk.attempts(alert)).toMatchObject([
      { outcome: 'accepted', messageId: String(first?.id) },
      { outcome: 'accepted', messageId: String(second?.id), parts: second?.parts, cost: second?.cost },
    ]);
    expect(await scene.desk.events(alert)).toMatchObject([
      { type: 'alert.sent', data: { providerMessageId: String(first?.id) } },
      { type: 'alert.failed', data: { code: '14' } },
      { type: 'alert.sent', data: { providerMessageId: String(second?.id) } },
      { type: 'alert.delivered' },
    ]);
  });

  it('goes by the template once, however often the delivery report comes', async () => {
    const alert = await accept();
    await send(alert);
    const [attempt] = await scene.desk.attempts(alert);
    await createCallbacks(scene.db).record(attempt?.messageId as string, 14);
    const [row] = await scene.db.query<{ id: string }>(`SELECT id FROM outbox WHERE queue = 'sms-callbacks'`);
    await Promise.all([check(alert), check(alert), confirmCallbacks(deps(), [row?.id as string])]);
    await Promise.all([send(alert), send(alert)]);
    await check(alert);
    await send(alert);
    expect(await types(alert)).toEqual(['alert.sent', 'alert.failed', 'alert.sent', 'alert.delivered']);
    expect(scene.providers.kavenegar.calls('verify/lookup')).toBe(1);
  });

  it('is not changed by a late report on its first attempt', async () => {
    const alert = await accept();
    await send(alert);
    const [stale] = await createReceipts(scene.db).due(await workOf(alert, 'sms-receipts'));
    await check(alert);
    await send(alert);
    const decision = {
      state: 'queued' as const,
      reason: 'blocked',
      event: null,
      next: { seconds: 0, work: 'send' as const },
    };
    const settled = await createReceipts(scene.db).settle('kavenegar', [
      { message: { ...(stale as OpenMessage), outboxId: null }, decision },
    ]);
    expect(settled).toEqual([]);
    expect(await scene.desk.states([alert])).toEqual(['sent']);
  });

  it('fails for good when the template is blocked, too', async () => {
    const alert = await blocked();
    await send(alert);
    const { sms } = scene.providers;
    const statuses = async (ids: string[]) =>
      new Map(
        ids.map((id) => [id, { state: 'blocked' as const, code: '14', detail: 'the recipient blocks' }]),
      );
    await check(alert, deps([{ ...sms, statuses }]));
    expect(await scene.desk.states([alert])).toEqual(['failed']);
    expect(await workOf(alert, 'sms-normal')).toEqual([]);
    expect(await types(alert)).toEqual(['alert.sent', 'alert.failed', 'alert.sent', 'alert.failed']);
  });

  it('fails where there is no template', async () => {
    await scene.providers.close();
    await scene.startProvidersAgain({});
    const alert = await accept();
    await send(alert);
    await check(alert);
    expect(await scene.desk.states([alert])).toEqual(['failed']);
    expect(await workOf(alert, 'sms-normal')).toEqual([]);
  });

  it('fails when its time to live is over', async () => {
    const alert = await accept();
    await send(alert);
    await scene.db.query('UPDATE alerts SET expires_at = now() WHERE id = $1', [alert.alertId]);
    await check(alert);
    expect(await scene.desk.states([alert])).toEqual(['failed']);
  });

  it('goes in a set with others, which are sent as texts', async () => {
    const alert = await blocked();
    const others = await scene.desk.accept(mobiles(3));
    await sendSms(deps(), 'sms-normal', [
      ...(await workOf(alert, 'sms-normal')),
      ...others.map(({ outboxId }) => outboxId),
    ]);
    expect(await scene.desk.states([alert, ...others])).toEqual(Array(4).fill('sent'));
    expect(scene.providers.kavenegar.calls('verify/lookup')).toBe(1);
    expect(scene.providers.kavenegar.calls('sms/sendarray')).toBe(2);
  });
});

describe('an alert that had been sent at the moment a database was restored to', () => {
  async function restored(mobile = BLOCKING): Promise<TestAlert> {
    const alert = await accept(mobile);
    await send(alert);
    await resumeAfterRestore(scene.db, await now());
    return alert;
  }
  const now = async () => {
    const [row] = await scene.db.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    return row?.now as Date;
  };
  /** The provider pushes its report, and is asked. */
  async function report(alert: TestAlert): Promise<void> {
    const [attempt] = await scene.desk.attempts(alert);
    await createCallbacks(scene.db).record(attempt?.messageId as string, 14);
    const rows = await scene.db.query<{ id: string }>(`SELECT id FROM outbox WHERE queue = 'sms-callbacks'`);
    await confirmCallbacks(
      deps(),
      rows.map(({ id }) => id),
    );
  }

  it.each([
    ['asked', check],
    ['told', report],
  ])(
    'does not go by the template, because it may have done so in the lost time: when the provider is %s',
    async (_, hear) => {
      const alert = await restored();
      await hear(alert);
      expect(await scene.desk.states([alert])).toEqual(['unknown']);
      expect(await scene.desk.reason(alert)).toMatch(
        /the recipient blocks .*it may have gone by the template/,
      );
      expect(
        await scene.db.query('SELECT cause FROM dead_alerts WHERE alert_id = $1', [alert.alertId]),
      ).toEqual([{ cause: 'restored' }]);
      expect(await types(alert)).toEqual(['alert.sent', 'alert.unknown']);
      await send(alert);
      expect(scene.providers.kavenegar.calls('verify/lookup')).toBe(0);
    },
  );

  it('goes by the template once an operator resends it', async () => {
    const alert = await restored();
    await check(alert);
    await resendAlerts(scene.db, [alert.alertId], 72);
    await send(alert);
    await check(alert);
    await send(alert);
    await check(alert);
    expect(await scene.desk.states([alert])).toEqual(['delivered']);
    expect(scene.providers.kavenegar.calls('verify/lookup')).toBe(1);
  });

  it('does not go by the template either when it was being sent at that moment', async () => {
    const alert = await accept();
    scene.providers.kavenegar.setBehaviour(({ method }) => (method === 'sms/sendarray' ? 'cut' : 'pass'));
    await send(alert);
    expect(await scene.desk.states([alert])).toEqual(['unknown']);
    await resumeAfterRestore(scene.db, await now());
    await send(alert);
    expect(await scene.desk.states([alert])).toEqual(['sent']);
    await check(alert);
    expect(await scene.desk.states([alert])).toEqual(['unknown']);
    await send(alert);
    expect(scene.providers.kavenegar.calls('verify/lookup')).toBe(0);
  });

  it('goes by the template when its notice was accepted later than the lost time', async () => {
    const moment = await now();
    const alert = await accept();
    await send(alert);
    await resumeAfterRestore(scene.db, moment);
    await check(alert);
    expect(await scene.desk.states([alert])).toEqual(['queued']);
  });

  it('fails if its time to live was over by then', async () => {
    const alert = await accept();
    await send(alert);
    await scene.db.query(`UPDATE alerts SET expires_at = now() - interval '1 second' WHERE id = $1`, [
      alert.alertId,
    ]);
    await resumeAfterRestore(scene.db, await now());
    await check(alert);
    expect(await scene.desk.states([alert])).toEqual(['failed']);
  });

  it('is delivered if its recipient does not block the line', async () => {
    const alert = await restored('09120000001');
    await check(alert);
    expect(await scene.desk.states([alert])).toEqual(['delivered']);
  });
});

describe('the SMS of a first inquiry', () => {
  it('never goes by the template, whose text is about a notice', async () => {
    const alert = await accept();
    await scene.db.query(`UPDATE alerts SET text = 'about an inquiry' WHERE id = $1`, [alert.alertId]);
    await send(alert);
    await check(alert);
    expect(await scene.desk.states([alert])).toEqual(['failed']);
  });
});

describe('a message by the template', () => {
  const play = (plays: Parameters<typeof scene.providers.kavenegar.setBehaviour>[0]) =>
    scene.providers.kavenegar.setBehaviour((call) =>
      call.method === 'verify/lookup' && plays ? plays(call) : 'pass',
    );

  it('is never sent again when it is unknown: a person decides', async () => {
    const alert = await blocked();
    play(() => 'cut');
    await send(alert);
    play(() => 'pass');
    await send(alert);
    expect(await scene.desk.states([alert])).toEqual(['unknown']);
    expect(await scene.desk.reason(alert)).toContain('a person decides');
    expect(await workOf(alert, 'sms-normal')).toEqual([]);
    expect(scene.providers.kavenegar.calls('verify/lookup')).toBe(1);
    expect(scene.providers.kavenegar.calls('sms/statuslocalmessageid')).toBe(0);
  });

  it('is not sent again when its worker died', async () => {
    const alert = await blocked();
    const { sms } = scene.providers;
    void send(alert, deps([{ ...sms, sendByTemplate: () => new Promise<never>(() => {}) }]));
    await until(async () => (await scene.desk.states([alert]))[0] === 'sending');
    await scene.desk.age([alert], 61);
    await send(alert);
    expect(await scene.desk.states([alert])).toEqual(['unknown']);
    expect(await scene.desk.attempts(alert)).toMatchObject([{}, { outcome: 'unknown', code: 'worker_lost' }]);
    expect(scene.providers.kavenegar.calls('verify/lookup')).toBe(0);
  });

  it('is not tried again when it is rejected, and the line stays open', async () => {
    const alert = await blocked();
    play(() => ({ status: 424 }));
    await send(alert);
    await send(alert);
    expect(await scene.desk.states([alert])).toEqual(['failed']);
    expect(scene.providers.kavenegar.calls('verify/lookup')).toBe(1);
    expect(await shutChannels(scene.db)).toEqual([]);
  });

  it('is tried again when the provider puts it off', async () => {
    const alert = await blocked();
    play(() => ({ status: 451 }));
    await send(alert);
    expect(await scene.desk.states([alert])).toEqual(['queued']);
    play(() => 'pass');
    await send(alert);
    expect(await scene.desk.states([alert])).toEqual(['sent']);
    expect(await scene.desk.attempts(alert)).toMatchObject([
      { outcome: 'accepted' },
      { outcome: 'try_later' },
      { outcome: 'accepted' },
    ]);
  });

  it('waits when the account is refused, and the line is disabled', async () => {
    const alert = await blocked();
    play(() => ({ status: 418 }));
    await send(alert);
    expect(await scene.desk.states([alert])).toEqual(['queued']);
    expect(await shutChannels(scene.db)).toEqual(['sms']);
  });
});
