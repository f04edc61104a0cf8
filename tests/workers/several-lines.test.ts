import { createCallbacks } from '../../core/alerts/callbacks';
import { createReceipts } from '../../core/alerts/receipts';
import { createLines } from '../../core/channels/lines';
import { checkReceipts } from '../../workers/check-receipts';
import { confirmCallbacks } from '../../workers/confirm-callbacks';
import { sendSms } from '../../workers/sms/send-sms';
import { registerLines } from '../../workers/watch-channels';
import { type AlertDesk, createAlertDesk, mobiles, outboxIds, type TestAlert } from '../support/alert-desk';
import { useDatabase } from '../support/database';
import { shutChannels } from '../support/shut-channels';
import { until } from '../support/until';
import { type Providers, startProviders } from './providers';

const SECOND = 'kavenegar-second';
const NO_ANSWER = { code: expect.stringMatching(/^(not_sent|outcome_unknown)$/) };

const test = useDatabase({ max: 20 });
let desk: AlertDesk;
let first: Providers;
let second: Providers;

beforeAll(async () => {
  desk = await createAlertDesk(test.db);
});
beforeEach(async () => {
  first = await startProviders();
  second = await startProviders({}, { line: SECOND });
  await registerLines({ db: test.db, lines: [...first.lines, ...second.lines] }, null);
  await createLines(test.db).openChannel('sms');
});
afterEach(async () => {
  await first.close();
  await second.close();
});

const both = () => ({ ...first.sendSmsDeps(test.db), lines: [...first.lines, ...second.lines] });
const send = (alerts: TestAlert[], deps = both()) => sendSms(deps, 'sms-normal', outboxIds(alerts));
const receiptDeps = () => ({ ...first.receiptDeps(test.db), lines: both().lines });
const stateOf = async (name: string) =>
  (await createLines(test.db).list()).find((line) => line.name === name)?.state;
const close = (name: string) =>
  createLines(test.db).disable(name, 'closed', '403', 'the API key is not valid');
/** Sends by one line only, as it happens when the other is shut at that moment. */
async function sendBy(name: string, alerts: TestAlert[]): Promise<void> {
  const other = name === SECOND ? 'kavenegar' : SECOND;
  await close(other);
  await send(alerts);
  await createLines(test.db).open(other);
}
const counts = () => [first.kavenegar.count(), second.kavenegar.count()];
const receptors = () =>
  [...first.kavenegar.messages(), ...second.kavenegar.messages()].map(({ receptor }) => receptor).sort();

describe('an SMS with several lines', () => {
  it('goes by one of them, and its attempt names the line', async () => {
    const sets = await Promise.all(Array.from({ length: 30 }, (_, i) => desk.accept(mobiles(2, i * 2))));
    for (const set of sets) await send(set);
    expect(counts().reduce((sum, count) => sum + count)).toBe(60);
    for (const count of counts()) expect(count).toBeGreaterThan(0);
    for (const set of sets) {
      const providers = await Promise.all(set.map(async (alert) => (await desk.attempts(alert))[0]));
      const [line] = providers.map((attempt) => (attempt as unknown as { provider: string }).provider);
      expect(providers).toMatchObject(set.map(() => ({ provider: line, outcome: 'accepted' })));
      expect((await desk.events(set[0] as TestAlert))[0]?.actor).toBe(`provider:${line}`);
    }
  });

  it('goes by another line when the account of one is refused, which closes only that line', async () => {
    first.kavenegar.setBehaviour(() => ({ status: 403 }));
    const alerts = await desk.accept(mobiles(5));
    await until(async () => {
      await send(alerts);
      return (await desk.states(alerts)).every((state) => state === 'sent');
    });
    expect(counts()).toEqual([0, 5]);
    await until(async () => {
      await send(await desk.accept(mobiles(1)));
      return (await stateOf('kavenegar')) === 'closed';
    });
    expect(await stateOf(SECOND)).toBe('open');
    expect(await shutChannels(test.db)).toEqual([]);
    expect(first.logged.filter(({ level }) => level === 50)).toMatchObject([
      { line: 'kavenegar', code: '403' },
    ]);
  });

  it('goes by another line the next time when it is certain not to have left', async () => {
    const alerts = await desk.accept(mobiles(20));
    await first.kavenegar.close();
    await sendBy('kavenegar', alerts);
    expect(await desk.states(alerts)).toEqual(Array(20).fill('queued'));
    await sendBy(SECOND, alerts);
    expect(await desk.states(alerts)).toEqual(Array(20).fill('sent'));
    expect(receptors()).toEqual(mobiles(20));
    expect(await desk.attempts(alerts[0] as TestAlert)).toMatchObject([
      { provider: 'kavenegar', outcome: 'not_sent' },
      { provider: SECOND, outcome: 'accepted' },
    ]);
  });

  it('may go by another line the next time when it was put off', async () => {
    first.kavenegar.setBehaviour(() => ({ status: 451 }));
    const alerts = await desk.accept(mobiles(3));
    await sendBy('kavenegar', alerts);
    await sendBy(SECOND, alerts);
    expect(counts()).toEqual([0, 3]);
  });

  it('waits without an attempt when all lines are disabled', async () => {
    const alerts = await desk.accept(mobiles(3));
    await close('kavenegar');
    await close(SECOND);
    await send(alerts);
    expect(await desk.states(alerts)).toEqual(Array(3).fill('queued'));
    expect(await desk.attempts(alerts[0] as TestAlert)).toEqual([]);
    expect(first.kavenegar.calls() + second.kavenegar.calls()).toBe(0);
  });
});

describe('an unknown SMS with several lines', () => {
  it('is never sent by another line: it stays unknown while its own is disabled', async () => {
    const alerts = await desk.accept(mobiles(3));
    first.kavenegar.setBehaviour(() => 'drop');
    await sendBy('kavenegar', alerts);
    first.kavenegar.setBehaviour();
    await close('kavenegar');
    await send(alerts);
    await send(alerts);
    expect(await desk.states(alerts)).toEqual(Array(3).fill('unknown'));
    expect(await desk.reason(alerts[0] as TestAlert)).toBe('the line it went by cannot be asked now');
    expect([second.kavenegar.calls(), first.kavenegar.calls()]).toEqual([0, 1]);
    expect((await desk.work(alerts[0] as TestAlert))?.queue).toBe('sms-normal');
    expect((await desk.events(alerts[0] as TestAlert)).map(({ type }) => type)).toEqual(['alert.unknown']);
  });

  it('is looked up and repeated on its own line, under the same local id', async () => {
    const alerts = await desk.accept(mobiles(3));
    first.kavenegar.setBehaviour(() => 'drop');
    await sendBy('kavenegar', alerts);
    first.kavenegar.setBehaviour();
    await send(alerts);
    expect(await desk.states(alerts)).toEqual(Array(3).fill('sent'));
    expect(counts()).toEqual([3, 0]);
    expect(second.kavenegar.calls()).toBe(0);
    const [attempt, ...more] = await desk.attempts(alerts[0] as TestAlert);
    expect([attempt, more]).toMatchObject([{ provider: 'kavenegar', outcome: 'accepted' }, []]);
    expect(first.kavenegar.sendAttempts(attempt?.id as string)).toBe(2);
  });

  it('is not looked up by a process that does not have its line', async () => {
    const alerts = await desk.accept(mobiles(1));
    first.kavenegar.setBehaviour(() => 'drop');
    await sendBy('kavenegar', alerts);
    first.kavenegar.setBehaviour();
    await send(alerts, { ...both(), lines: second.lines });
    expect(await desk.states(alerts)).toEqual(['unknown']);
    expect(second.kavenegar.calls()).toBe(0);
  });

  it('is looked up on the line it was claimed for when its worker died', async () => {
    const alerts = await desk.accept(mobiles(2));
    await first.close();
    const silent = await startProviders({ onCall: () => 'silent' });
    const dying = { ...both(), lines: [{ ...silent.sms, send: () => new Promise<never>(() => {}) }] };
    void send(alerts, dying);
    await until(async () => (await desk.states(alerts)).every((state) => state === 'sending'));
    await desk.age(alerts, 61);
    await send(alerts, { ...both(), lines: second.lines });
    expect(await desk.states(alerts)).toEqual(['unknown', 'unknown']);
    expect(second.kavenegar.calls()).toBe(0);
    await silent.close();
  });

  it('is looked up on the first line when no line is on record', async () => {
    const alerts = await desk.accept(mobiles(1));
    first.kavenegar.setBehaviour(() => 'drop');
    await sendBy('kavenegar', alerts);
    first.kavenegar.setBehaviour();
    await test.db.query('UPDATE alerts SET line = NULL WHERE id = $1', [alerts[0]?.alertId]);
    await send(alerts);
    expect(await desk.states(alerts)).toEqual(['sent']);
    expect(counts()).toEqual([1, 0]);
  });

  it('is left for a person in the end though its line never comes back', async () => {
    const alerts = await desk.accept(mobiles(1));
    first.kavenegar.setBehaviour(() => 'drop');
    await sendBy('kavenegar', alerts);
    await close('kavenegar');
    await desk.age(alerts, 11 * 3600);
    await send(alerts);
    expect(await desk.reason(alerts[0] as TestAlert)).toContain('a person decides');
    expect(await desk.work(alerts[0] as TestAlert)).toBeNull();
  });
});

describe('unknown SMS on a line whose circuit is tripped', () => {
  const breakFirst = (until: string) =>
    test.db.query(
      `UPDATE lines SET failures = 5, failed_probes = 0, broken_until = now() + $1::interval WHERE name = 'kavenegar'`,
      [until],
    );
  const probes = async () => {
    const [row] = await test.db.query<{ failed: number; broken: boolean | null }>(
      `SELECT failed_probes AS failed, broken_until > now() AS broken FROM lines WHERE name = 'kavenegar'`,
    );
    return row;
  };
  async function doubtful(): Promise<TestAlert[]> {
    const alerts = await desk.accept(mobiles(3));
    first.kavenegar.setBehaviour(() => 'cut');
    await sendBy('kavenegar', alerts);
    await close(SECOND);
    return alerts;
  }

  it('are not looked up before a probe is due', async () => {
    const alerts = await doubtful();
    await breakFirst('1 minute');
    const calls = first.kavenegar.calls();
    await send(alerts);
    expect(first.kavenegar.calls()).toBe(calls);
    expect(await desk.states(alerts)).toEqual(Array(3).fill('unknown'));
  });

  it('are its probe: a look-up counts as one, and no message is sent before its answer', async () => {
    const alerts = await doubtful();
    first.kavenegar.setBehaviour(() => 'html');
    await breakFirst('0');
    await Promise.all([send(alerts), send(alerts), send(alerts)]);
    expect(first.kavenegar.calls('sms/statuslocalmessageid')).toBe(1);
    expect(await probes()).toEqual({ failed: 1, broken: true });
    first.kavenegar.setBehaviour();
    await breakFirst('0');
    await send(alerts);
    expect(await probes()).toEqual({ failed: 0, broken: null });
    expect(await desk.states(alerts)).toEqual(Array(3).fill('sent'));
    expect(first.kavenegar.calls('sms/sendarray')).toBe(1);
    expect(first.logged).toContainEqual(
      expect.objectContaining({ line: 'kavenegar', msg: 'line works again' }),
    );
  });
});

describe('the delivery reports of SMS', () => {
  async function sentByBoth(): Promise<[TestAlert, TestAlert]> {
    const [one, other] = (await desk.accept(mobiles(2))) as [TestAlert, TestAlert];
    await sendBy('kavenegar', [one]);
    await sendBy(SECOND, [other]);
    return [one, other];
  }

  it('are asked of the line each SMS went by', async () => {
    const alerts = await sentByBoth();
    await checkReceipts(receiptDeps(), outboxIds(alerts));
    expect(await desk.states(alerts)).toEqual(['delivered', 'delivered']);
    for (const { kavenegar } of [first, second]) expect(kavenegar.calls('sms/status')).toBe(1);
  });

  it('are settled for one line though the other does not answer, which is asked again', async () => {
    const alerts = await sentByBoth();
    await first.kavenegar.close();
    await expect(checkReceipts(receiptDeps(), outboxIds(alerts))).rejects.toMatchObject(NO_ANSWER);
    expect(await desk.states(alerts)).toEqual(['sent', 'delivered']);
    expect(await desk.work(alerts[0])).toMatchObject({ queue: 'sms-receipts' });
    expect(await desk.work(alerts[1])).toBeNull();
  });

  it('are checked again later when the line is gone, and never asked of another', async () => {
    const [one] = await sentByBoth();
    const deps = { ...receiptDeps(), lines: second.lines };
    await checkReceipts(deps, outboxIds([one]));
    expect(await desk.states([one])).toEqual(['sent']);
    expect(second.kavenegar.calls('sms/status')).toBe(0);
    expect((await desk.work(one))?.runIn).toBeGreaterThan(30);
  });

  it('that a provider pushed are asked of the line of the SMS, whatever the other line does', async () => {
    const alerts = await sentByBoth();
    const ids = await Promise.all(alerts.map(pushed));
    await first.kavenegar.close();
    await expect(confirmCallbacks(receiptDeps(), ids)).rejects.toMatchObject(NO_ANSWER);
    expect(await desk.states(alerts)).toEqual(['sent', 'delivered']);
    const left = await test.db.query<{ id: string }>(`SELECT id FROM outbox WHERE id = ANY($1::bigint[])`, [
      ids,
    ]);
    expect(left).toEqual([{ id: ids[0] }]);
  });

  /** A delivery report for the message of an alert. @returns the work it made */
  async function pushed(alert: TestAlert): Promise<string> {
    const [attempt] = await desk.attempts(alert);
    await createCallbacks(test.db).record(attempt?.messageId as string, 10);
    expect(await createReceipts(test.db).byProviderIds([attempt?.messageId as string])).toHaveLength(1);
    const [row] = await test.db.query<{ id: string }>(
      `SELECT o.id FROM outbox o JOIN sms_callbacks c ON c.id = o.subject_ids[1]
        WHERE o.queue = 'sms-callbacks' AND c.provider_message_id = $1`,
      [attempt?.messageId],
    );
    return row?.id as string;
  }
});
