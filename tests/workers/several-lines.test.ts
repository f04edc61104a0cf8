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
  it('goes by one of them, and its attempt says which', async () => {
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

  it('goes by another when the account of one is refused, which closes that line alone', async () => {
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

  it('that was not sent for certain goes by another the next time, each once', async () => {
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

  it('that was put off may go by another the next time', async () => {
    first.kavenegar.setBehaviour(() => ({ status: 451 }));
    const alerts = await desk.accept(mobiles(3));
    await sendBy('kavenegar', alerts);
    await sendBy(SECOND, alerts);
    expect(counts()).toEqual([0, 3]);
  });

  it('of which all lines are shut waits, and is no try', async () => {
    const alerts = await desk.accept(mobiles(3));
    await close('kavenegar');
    await close(SECOND);
    await send(alerts);
    expect(await desk.states(alerts)).toEqual(Array(3).fill('queued'));
    expect(await desk.attempts(alerts[0] as TestAlert)).toEqual([]);
    expect(first.kavenegar.calls() + second.kavenegar.calls()).toBe(0);
  });
});

describe('an SMS of unknown fate with several lines', () => {
  it('is never sent by another: it stays unknown while its own is shut', async () => {
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

  it('is asked about and repeated on its own, under the same local id', async () => {
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

  it('is not asked about by a process that does not have its line', async () => {
    const alerts = await desk.accept(mobiles(1));
    first.kavenegar.setBehaviour(() => 'drop');
    await sendBy('kavenegar', alerts);
    first.kavenegar.setBehaviour();
    await send(alerts, { ...both(), lines: second.lines });
    expect(await desk.states(alerts)).toEqual(['unknown']);
    expect(second.kavenegar.calls()).toBe(0);
  });

  it('whose worker was lost is asked about on the line it was claimed for', async () => {
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

  it('from before lines were written down is asked about on the first', async () => {
    const alerts = await desk.accept(mobiles(1));
    first.kavenegar.setBehaviour(() => 'drop');
    await sendBy('kavenegar', alerts);
    first.kavenegar.setBehaviour();
    await test.db.query('UPDATE alerts SET line = NULL WHERE id = $1', [alerts[0]?.alertId]);
    await send(alerts);
    expect(await desk.states(alerts)).toEqual(['sent']);
    expect(counts()).toEqual([1, 0]);
  });

  it('goes to a person in its time though its line never comes back', async () => {
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

describe('SMS of unknown fate on a line that broke', () => {
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

  it('are not asked about while it is left alone', async () => {
    const alerts = await doubtful();
    await breakFirst('1 minute');
    const calls = first.kavenegar.calls();
    await send(alerts);
    expect(first.kavenegar.calls()).toBe(calls);
    expect(await desk.states(alerts)).toEqual(Array(3).fill('unknown'));
  });

  it('are what it is tried with: a question is a probe, too, and nothing is sent before it is answered', async () => {
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

describe('what became of SMS', () => {
  async function sentByBoth(): Promise<[TestAlert, TestAlert]> {
    const [one, other] = (await desk.accept(mobiles(2))) as [TestAlert, TestAlert];
    await sendBy('kavenegar', [one]);
    await sendBy(SECOND, [other]);
    return [one, other];
  }

  it('is asked of the line each went by', async () => {
    const alerts = await sentByBoth();
    await checkReceipts(receiptDeps(), outboxIds(alerts));
    expect(await desk.states(alerts)).toEqual(['delivered', 'delivered']);
    for (const { kavenegar } of [first, second]) expect(kavenegar.calls('sms/status')).toBe(1);
  });

  it('is learned of one line though the other does not answer, and that one is asked again', async () => {
    const alerts = await sentByBoth();
    await first.kavenegar.close();
    await expect(checkReceipts(receiptDeps(), outboxIds(alerts))).rejects.toMatchObject(NO_ANSWER);
    expect(await desk.states(alerts)).toEqual(['sent', 'delivered']);
    expect(await desk.work(alerts[0])).toMatchObject({ queue: 'sms-receipts' });
    expect(await desk.work(alerts[1])).toBeNull();
  });

  it('is looked for again later when the line is gone, and never taken from another', async () => {
    const [one] = await sentByBoth();
    const deps = { ...receiptDeps(), lines: second.lines };
    await checkReceipts(deps, outboxIds([one]));
    expect(await desk.states([one])).toEqual(['sent']);
    expect(second.kavenegar.calls('sms/status')).toBe(0);
    expect((await desk.work(one))?.runIn).toBeGreaterThan(30);
  });

  it('and was pushed by a provider is asked of the line it went by, whatever the other does', async () => {
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
