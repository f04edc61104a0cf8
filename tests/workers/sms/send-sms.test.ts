import { createAlerts } from '../../../core/alerts/alerts';
import { createLines } from '../../../core/channels/lines';
import type { Database } from '../../../core/platform/database';
import { Unavailable } from '../../../core/platform/errors';
import { sendSms } from '../../../workers/sms/send-sms';
import {
  type AlertDesk,
  createAlertDesk,
  mobiles,
  outboxIds,
  type TestAlert,
} from '../../support/alert-desk';
import { useDatabase } from '../../support/database';
import { shutChannels } from '../../support/shut-channels';
import { textOf } from '../../support/statement-text';
import { type Providers, startProviders } from '../providers';

const HOUR = 3600;
const STALE = 61;

const test = useDatabase({ max: 20 });
let desk: AlertDesk;
let providers: Providers;

beforeAll(async () => {
  desk = await createAlertDesk(test.db);
});
beforeEach(async () => {
  await createLines(test.db).openChannel('sms');
  providers = await startProviders();
});
afterEach(() => providers.close());

const send = (alerts: TestAlert[], db: Database = test.db) =>
  sendSms(providers.sendSmsDeps(db), 'sms-normal', outboxIds(alerts));
const one = async (): Promise<TestAlert> => (await desk.accept(mobiles(1)))[0] as TestAlert;
const eventTypes = async (alert: TestAlert) => (await desk.events(alert)).map(({ type }) => type);
const play = (...args: Parameters<Providers['kavenegar']['setBehaviour']>) =>
  providers.kavenegar.setBehaviour(...args);
/** How often a send was tried under the local id of each attempt. */
const receivedOf = async (alert: TestAlert) =>
  (await desk.attempts(alert)).map(({ id }) => providers.kavenegar.sendAttempts(id));

/** Whatever a worker did before it died: it claimed the alert and perhaps sent it, and never settled. */
async function dieSending(alert: TestAlert, handedOver: boolean): Promise<void> {
  const [claimed] = await createAlerts(test.db, 'sms').claim('sms-normal', [alert.outboxId], 'kavenegar');
  if (!claimed || !handedOver) return;
  await providers.sms.send([{ localId: claimed.attemptId, mobile: claimed.address, text: claimed.text }]);
}

describe('a set of SMS', () => {
  it('goes out in one call, and each alert is sent with what the provider said', async () => {
    const alerts = await desk.accept(mobiles(200));
    await send(alerts);
    expect(new Set(await desk.states(alerts))).toEqual(new Set(['sent']));
    expect(providers.kavenegar.calls()).toBe(1);
    expect(
      providers.kavenegar
        .messages()
        .map(({ receptor }) => receptor)
        .sort(),
    ).toEqual(mobiles(200));
    const [alert] = alerts as [TestAlert];
    const [attempt] = await desk.attempts(alert);
    const taken = providers.kavenegar.messages().find(({ localId }) => localId === attempt?.id);
    expect(attempt).toMatchObject({
      provider: 'kavenegar',
      outcome: 'accepted',
      messageId: String(taken?.id),
      parts: taken?.parts,
      cost: taken?.cost,
    });
    expect(taken?.text).toMatch(/^شرکت نمونه: \d{12}$/);
    expect(await desk.work(alert)).toMatchObject({ queue: 'sms-receipts' });
  });

  it('that runs twice is sent once', async () => {
    const alerts = await desk.accept(mobiles(5));
    await send(alerts);
    await send(alerts);
    expect(providers.kavenegar.calls()).toBe(1);
    expect(await desk.attempts(alerts[0] as TestAlert)).toHaveLength(1);
    expect(await eventTypes(alerts[0] as TestAlert)).toEqual(['alert.sent']);
  });

  it('that runs many times at once is sent once', async () => {
    const alerts = await desk.accept(mobiles(50));
    await Promise.all(Array.from({ length: 6 }, () => send(alerts)));
    expect(providers.kavenegar.count()).toBe(50);
    const receptors = providers.kavenegar.messages().map(({ receptor }) => receptor);
    expect(new Set(receptors).size).toBe(50);
  });

  it('is counted, and those that the provider took are timed', async () => {
    const deps = providers.sendSmsDeps(test.db);
    const counted = jest.spyOn(deps.metrics, 'countAttempts');
    const timed = jest.spyOn(deps.metrics, 'observeHandover');
    await sendSms(deps, 'sms-normal', outboxIds(await desk.accept([...mobiles(2), '09990000411'])));
    expect(counted.mock.calls).toEqual([
      ['sms', 'normal', 'accepted', 2],
      ['sms', 'normal', 'rejected', 1],
    ]);
    expect(timed.mock.calls).toEqual([['sms', 'normal', [expect.any(Number), expect.any(Number)]]]);
  });

  it('of a process that was frozen after its claim sends nothing: others may have taken over', async () => {
    const alert = await one();
    const now = Date.now;
    const thawedLate: Database = {
      ...test.db,
      async query(sql, values) {
        const rows = await test.db.query(sql, values);
        if (textOf(sql).includes(`SET state = 'sending'`)) {
          jest.spyOn(Date, 'now').mockImplementation(() => now() + 16_000);
        }
        return rows;
      },
    };
    await send([alert], thawedLate).finally(() => jest.restoreAllMocks());
    expect(providers.kavenegar.calls()).toBe(0);
    expect(await desk.states([alert])).toEqual(['queued']);
    expect(await desk.attempts(alert)).toMatchObject([{ outcome: 'not_sent', code: 'deadline' }]);
  });
});

describe('an SMS that is refused for good', () => {
  it('has failed, is not tried again, and does not hold up the others', async () => {
    const [bad, good] = (await desk.accept(['09990000411', '09121110000'])) as [TestAlert, TestAlert];
    await send([bad, good]);
    expect(await desk.states([bad, good])).toEqual(['failed', 'sent']);
    expect(await desk.reason(bad)).toBe('the receptor is not valid');
    expect(await eventTypes(bad)).toEqual(['alert.failed']);
    expect(await desk.work(bad)).toBeNull();
    const calls = providers.kavenegar.calls();
    await send([bad, good]);
    expect(providers.kavenegar.calls()).toBe(calls);
  });
});

describe('an SMS that is put off', () => {
  it('is tried again under a new number, until it goes through', async () => {
    const [alert] = (await desk.accept(['09990000402'])) as [TestAlert];
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['queued']);
    expect((await desk.work(alert))?.runIn).toBeGreaterThan(0);
    await send([alert]);
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['sent']);
    const attempts = await desk.attempts(alert);
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['try_later', 'try_later', 'accepted']);
    expect(new Set(attempts.map(({ id }) => id)).size).toBe(3);
    expect(await eventTypes(alert)).toEqual(['alert.sent']);
  });

  it('is tried again when the provider cannot be reached', async () => {
    const alert = await one();
    await providers.close();
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['queued']);
    expect(await desk.attempts(alert)).toMatchObject([{ outcome: 'not_sent' }]);
    providers = await startProviders();
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['sent']);
  });

  it('is tried again, too, with less than a second to live, without spoiling the rest of its set', async () => {
    const [ending, other] = (await desk.accept(['09990000402', '09121110001'])) as [TestAlert, TestAlert];
    await test.db.query(`UPDATE alerts SET expires_at = now() + interval '700 milliseconds' WHERE id = $1`, [
      ending.alertId,
    ]);
    await send([ending, other]);
    expect((await desk.work(ending))?.runIn).toBeLessThanOrEqual(1);
    expect(await desk.states([ending, other])).toEqual(['queued', 'queued']);
  });
});

describe('an SMS of unknown fate', () => {
  it('is asked about, and counts as sent where the provider has it', async () => {
    const [alert] = (await desk.accept(['09990000003'])) as [TestAlert];
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['unknown']);
    expect(await desk.work(alert)).toMatchObject({ queue: 'sms-normal' });
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['sent']);
    expect(await receivedOf(alert)).toEqual([1]);
    const [message] = providers.kavenegar.messages();
    expect(await desk.attempts(alert)).toMatchObject([
      { outcome: 'accepted', messageId: String(message?.id) },
    ]);
    expect(await eventTypes(alert)).toEqual(['alert.unknown', 'alert.sent']);
  });

  it('is sent again under the same local id where the provider does not know it', async () => {
    const alert = await one();
    play(() => 'drop');
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['unknown']);
    play();
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['sent']);
    expect(await receivedOf(alert)).toEqual([2]);
    expect(providers.kavenegar.count()).toBe(1);
    expect(await desk.attempts(alert)).toMatchObject([{ outcome: 'accepted', cost: 1_500 }]);
  });

  it('keeps its local id for as long as its repeats do not get through', async () => {
    const alert = await one();
    play(() => 'drop');
    await send([alert]);
    for (const status of [402, 409, 451]) {
      play(({ method }) => (method === 'sms/sendarray' ? { status } : 'pass'));
      await send([alert]);
      expect(await desk.states([alert])).toEqual(['unknown']);
    }
    play();
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['sent']);
    expect(await receivedOf(alert)).toEqual([5]);
    expect(await eventTypes(alert)).toEqual(['alert.unknown', 'alert.sent']);
  });

  it('has failed once its repeat is refused for good', async () => {
    const alert = await one();
    play(() => 'drop');
    await send([alert]);
    play(({ method }) => (method === 'sms/sendarray' ? { status: 411 } : 'pass'));
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['failed']);
  });

  it('is not sent again while the provider cannot be asked, and is told of once', async () => {
    const [alert] = (await desk.accept(['09990000003'])) as [TestAlert];
    await send([alert]);
    play(() => 'html');
    await send([alert]);
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['unknown']);
    expect(providers.kavenegar.calls('sms/sendarray')).toBe(1);
    expect(await desk.attempts(alert)).toMatchObject([{ outcome: 'unknown', code: 'not_known' }]);
    expect(await eventTypes(alert)).toEqual(['alert.unknown']);
  });

  it('is left for a person after eleven hours, and nothing is sent', async () => {
    const [alert] = (await desk.accept(['09990000003'])) as [TestAlert];
    await send([alert]);
    await desk.age([alert], 11 * HOUR);
    providers.kavenegar.expireLocalIds();
    await send([alert]);
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['unknown']);
    expect(await desk.reason(alert)).toContain('a person decides');
    expect(await desk.work(alert)).toBeNull();
    expect(providers.kavenegar.calls('sms/sendarray')).toBe(1);
  });

  it('counts as sent after eleven hours as well, where the provider still knows it', async () => {
    const [alert] = (await desk.accept(['09990000003'])) as [TestAlert];
    await send([alert]);
    await desk.age([alert], 11.5 * HOUR);
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['sent']);
  });

  it('is not sent again when its time is over', async () => {
    const [alert] = (await desk.accept(['09121110002'], { alertTtlHours: 1 })) as [TestAlert];
    play(() => 'drop');
    await send([alert]);
    play();
    await desk.age([alert], 2 * HOUR);
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['unknown']);
    expect(await desk.reason(alert)).toContain('a person decides');
    expect(await desk.work(alert)).toBeNull();
    expect(providers.kavenegar.count()).toBe(0);
  });
});

describe('an SMS whose worker is gone', () => {
  it('is asked about, and not sent again where it went out', async () => {
    const alert = await one();
    await dieSending(alert, true);
    await desk.age([alert], STALE);
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['sent']);
    expect(await receivedOf(alert)).toEqual([1]);
    expect(await eventTypes(alert)).toEqual(['alert.sent']);
  });

  it('is sent under its own local id where it did not go out', async () => {
    const alert = await one();
    await dieSending(alert, false);
    await desk.age([alert], STALE);
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['sent']);
    expect(await desk.attempts(alert)).toHaveLength(1);
    expect(providers.kavenegar.count()).toBe(1);
  });

  it('is left alone while that worker may still be at it, and looked at again later', async () => {
    const alert = await one();
    await dieSending(alert, false);
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['sending']);
    expect(providers.kavenegar.calls()).toBe(0);
    expect((await desk.work(alert))?.relayIn).toBeGreaterThan(50);
  });

  it('survives the death of the one who asks, too', async () => {
    const [alert] = (await desk.accept(['09990000003'])) as [TestAlert];
    await send([alert]);
    await createAlerts(test.db, 'sms').claimInDoubt('sms-normal', [alert.outboxId]);
    await desk.age([alert], STALE);
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['sent']);
    expect(await receivedOf(alert)).toEqual([1]);
  });

  it('is sent once though PostgreSQL went away before the outcome was written', async () => {
    const alert = await one();
    const away: Database = {
      ...test.db,
      query: (sql, values) =>
        textOf(sql).includes('INSERT INTO attempts')
          ? Promise.reject(new Unavailable('postgres'))
          : test.db.query(sql, values),
    };
    await expect(send([alert], away)).rejects.toBeInstanceOf(Unavailable);
    expect(await desk.states([alert])).toEqual(['sending']);
    await desk.age([alert], STALE);
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['sent']);
    expect(await receivedOf(alert)).toEqual([1]);
    expect(providers.kavenegar.count()).toBe(1);
  });
});

describe('an SMS behind a shut channel', () => {
  it('waits in the outbox, and no call is made for it', async () => {
    const first = await desk.accept(mobiles(3));
    providers.kavenegar.setCredit(0);
    await send(first);
    expect(await createLines(test.db).list()).toEqual(
      expect.arrayContaining([expect.objectContaining({ channel: 'sms', state: 'paused', code: '418' })]),
    );
    expect(await desk.states(first)).toEqual(['queued', 'queued', 'queued']);
    expect(providers.logged.filter(({ level }) => level === 50)).toMatchObject([
      { line: 'kavenegar', code: '418', opensByItself: true },
    ]);
    const calls = providers.kavenegar.calls();
    const next = await desk.accept(mobiles(3));
    await send(next);
    expect(providers.kavenegar.calls()).toBe(calls);
    expect((await desk.work(next[0] as TestAlert))?.relayIn).toBeLessThanOrEqual(1);
    expect(await desk.attempts(next[0] as TestAlert)).toEqual([]);
  });

  it('goes out once a person opened it again', async () => {
    const alerts = await desk.accept(mobiles(3));
    play(() => ({ status: 403 }));
    await send(alerts);
    await send(alerts);
    expect((await createLines(test.db).list())[1]).toMatchObject({ state: 'closed', code: '403' });
    expect(providers.logged.filter(({ level }) => level === 50)).toHaveLength(1);
    play();
    await createLines(test.db).openChannel('sms');
    await send(alerts);
    expect(await desk.states(alerts)).toEqual(['sent', 'sent', 'sent']);
  });

  it('is shut as well by an account that is refused while the provider is asked', async () => {
    const [alert] = (await desk.accept(['09990000003'])) as [TestAlert];
    await send([alert]);
    play(() => ({ status: 401 }));
    await send([alert]);
    expect(await shutChannels(test.db)).toEqual(['sms']);
    expect(await desk.states([alert])).toEqual(['unknown']);
  });
});

describe('an SMS that waited too long', () => {
  it('expires and is not sent', async () => {
    const [late, good] = (await desk.accept(mobiles(2))) as [TestAlert, TestAlert];
    await desk.age([late], 73 * HOUR);
    await send([late, good]);
    expect(await desk.states([late, good])).toEqual(['expired', 'sent']);
    expect(await eventTypes(late)).toEqual(['alert.expired']);
    expect(await desk.work(late)).toBeNull();
    expect(providers.kavenegar.count()).toBe(1);
  });
});
