import { createAlerts } from '../../../core/alerts/alerts';
import { createLines } from '../../../core/channels/lines';
import type { Database } from '../../../core/platform/database';
import { Unavailable } from '../../../core/platform/errors';
import { sendSms } from '../../../workers/sms/send-sms';
import { mobiles, outboxIds, type TestAlert } from '../../support/alert-desk';
import { shutChannels } from '../../support/shut-channels';
import { isStatement } from '../../support/statement-text';
import type { Providers } from '../providers';
import { useWorkersScene } from '../scene';

const HOUR = 3600;
const STALE = 61;

const scene = useWorkersScene();

const send = (alerts: TestAlert[], db: Database = scene.db) =>
  sendSms(scene.providers.sendSmsDeps(db), 'sms-normal', outboxIds(alerts));
const one = async (): Promise<TestAlert> => (await scene.desk.accept(mobiles(1)))[0] as TestAlert;
const eventTypes = async (alert: TestAlert) => (await scene.desk.events(alert)).map(({ type }) => type);
const play = (...args: Parameters<Providers['kavenegar']['setBehaviour']>) =>
  scene.providers.kavenegar.setBehaviour(...args);
/** Counts the sends under the local id of each attempt. */
const receivedOf = async (alert: TestAlert) =>
  (await scene.desk.attempts(alert)).map(({ id }) => scene.providers.kavenegar.sendAttempts(id));

/** Does what a worker did before it died: it claimed the alert, perhaps sent it, and never settled. */
async function dieSending(alert: TestAlert, handedOver: boolean): Promise<void> {
  const [claimed] = await createAlerts(scene.db, 'sms').claim('sms-normal', [alert.outboxId], 'kavenegar');
  if (!claimed || !handedOver) return;
  await scene.providers.sms.send([
    { localId: claimed.attemptId, mobile: claimed.address, text: claimed.text },
  ]);
}

describe('a set of SMS', () => {
  it('goes out in one call, and each alert is sent with what the provider said', async () => {
    const alerts = await scene.desk.accept(mobiles(200));
    await send(alerts);
    expect(new Set(await scene.desk.states(alerts))).toEqual(new Set(['sent']));
    expect(scene.providers.kavenegar.calls()).toBe(1);
    expect(
      scene.providers.kavenegar
        .messages()
        .map(({ receptor }) => receptor)
        .sort(),
    ).toEqual(mobiles(200));
    const [alert] = alerts as [TestAlert];
    const [attempt] = await scene.desk.attempts(alert);
    const taken = scene.providers.kavenegar.messages().find(({ localId }) => localId === attempt?.id);
    expect(attempt).toMatchObject({
      provider: 'kavenegar',
      outcome: 'accepted',
      messageId: String(taken?.id),
      parts: taken?.parts,
      cost: taken?.cost,
    });
    expect(taken?.text).toMatch(/^شرکت نمونه: \d{12}$/);
    expect(await scene.desk.work(alert)).toMatchObject({ queue: 'sms-receipts' });
  });

  it('that runs twice is sent once', async () => {
    const alerts = await scene.desk.accept(mobiles(5));
    await send(alerts);
    await send(alerts);
    expect(scene.providers.kavenegar.calls()).toBe(1);
    expect(await scene.desk.attempts(alerts[0] as TestAlert)).toHaveLength(1);
    expect(await eventTypes(alerts[0] as TestAlert)).toEqual(['alert.sent']);
  });

  it('that runs many times at once is sent once', async () => {
    const alerts = await scene.desk.accept(mobiles(50));
    await Promise.all(Array.from({ length: 6 }, () => send(alerts)));
    expect(scene.providers.kavenegar.count()).toBe(50);
    const receptors = scene.providers.kavenegar.messages().map(({ receptor }) => receptor);
    expect(new Set(receptors).size).toBe(50);
  });

  it('is counted, and its accepted messages are timed', async () => {
    const deps = scene.providers.sendSmsDeps(scene.db);
    const counted = jest.spyOn(deps.metrics, 'countAttempts');
    const timed = jest.spyOn(deps.metrics, 'observeHandover');
    await sendSms(deps, 'sms-normal', outboxIds(await scene.desk.accept([...mobiles(2), '09990000411'])));
    expect(counted.mock.calls).toEqual([
      ['sms', 'normal', 'accepted', 2],
      ['sms', 'normal', 'rejected', 1],
    ]);
    expect(timed.mock.calls).toEqual([['sms', 'normal', [expect.any(Number), expect.any(Number)]]]);
  });

  it('is not sent by a process that was frozen after its claim: another may have taken over', async () => {
    const alert = await one();
    const now = Date.now;
    const thawedLate: Database = {
      ...scene.db,
      async query(sql, values) {
        const rows = await scene.db.query(sql, values);
        if (isStatement(sql, 'claim-alerts')) {
          jest.spyOn(Date, 'now').mockImplementation(() => now() + 16_000);
        }
        return rows;
      },
    };
    await send([alert], thawedLate).finally(() => jest.restoreAllMocks());
    expect(scene.providers.kavenegar.calls()).toBe(0);
    expect(await scene.desk.states([alert])).toEqual(['queued']);
    expect(await scene.desk.attempts(alert)).toMatchObject([{ outcome: 'not_sent', code: 'deadline' }]);
  });
});

describe('an SMS that the provider rejects', () => {
  it('fails, is not tried again, and does not delay the others', async () => {
    const [bad, good] = (await scene.desk.accept(['09990000411', '09121110000'])) as [TestAlert, TestAlert];
    await send([bad, good]);
    expect(await scene.desk.states([bad, good])).toEqual(['failed', 'sent']);
    expect(await scene.desk.reason(bad)).toBe('the receptor is not valid');
    expect(await eventTypes(bad)).toEqual(['alert.failed']);
    expect(await scene.desk.work(bad)).toBeNull();
    const calls = scene.providers.kavenegar.calls();
    await send([bad, good]);
    expect(scene.providers.kavenegar.calls()).toBe(calls);
  });
});

describe('an SMS that the provider puts off', () => {
  it('is tried again under a new number, until it goes through', async () => {
    const [alert] = (await scene.desk.accept(['09990000402'])) as [TestAlert];
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['queued']);
    expect((await scene.desk.work(alert))?.runIn).toBeGreaterThan(0);
    await send([alert]);
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['sent']);
    const attempts = await scene.desk.attempts(alert);
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['try_later', 'try_later', 'accepted']);
    expect(new Set(attempts.map(({ id }) => id)).size).toBe(3);
    expect(await eventTypes(alert)).toEqual(['alert.sent']);
  });

  it('is tried again when the provider cannot be reached', async () => {
    const alert = await one();
    await scene.providers.close();
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['queued']);
    expect(await scene.desk.attempts(alert)).toMatchObject([{ outcome: 'not_sent' }]);
    await scene.startProvidersAgain();
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['sent']);
  });

  it('is tried again, too, with less than a second to live, without spoiling the rest of its set', async () => {
    const [ending, other] = (await scene.desk.accept(['09990000402', '09121110001'])) as [
      TestAlert,
      TestAlert,
    ];
    await scene.db.query(`UPDATE alerts SET expires_at = now() + interval '700 milliseconds' WHERE id = $1`, [
      ending.alertId,
    ]);
    await send([ending, other]);
    expect((await scene.desk.work(ending))?.runIn).toBeLessThanOrEqual(1);
    expect(await scene.desk.states([ending, other])).toEqual(['queued', 'queued']);
  });
});

describe('an unknown SMS', () => {
  it('is looked up, and becomes sent where the provider has it', async () => {
    const [alert] = (await scene.desk.accept(['09990000003'])) as [TestAlert];
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['unknown']);
    expect(await scene.desk.work(alert)).toMatchObject({ queue: 'sms-normal' });
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['sent']);
    expect(await receivedOf(alert)).toEqual([1]);
    const [message] = scene.providers.kavenegar.messages();
    expect(await scene.desk.attempts(alert)).toMatchObject([
      { outcome: 'accepted', messageId: String(message?.id) },
    ]);
    expect(await eventTypes(alert)).toEqual(['alert.unknown', 'alert.sent']);
  });

  it('is sent again under the same local id where the provider does not know it', async () => {
    const alert = await one();
    play(() => 'drop');
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['unknown']);
    play();
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['sent']);
    expect(await receivedOf(alert)).toEqual([2]);
    expect(scene.providers.kavenegar.count()).toBe(1);
    expect(await scene.desk.attempts(alert)).toMatchObject([{ outcome: 'accepted', cost: 1_500 }]);
  });

  it('keeps its local id while its repeats do not get through', async () => {
    const alert = await one();
    play(() => 'drop');
    await send([alert]);
    for (const status of [402, 409, 451]) {
      play(({ method }) => (method === 'sms/sendarray' ? { status } : 'pass'));
      await send([alert]);
      expect(await scene.desk.states([alert])).toEqual(['unknown']);
    }
    play();
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['sent']);
    expect(await receivedOf(alert)).toEqual([5]);
    expect(await eventTypes(alert)).toEqual(['alert.unknown', 'alert.sent']);
  });

  it('fails once its repeat is rejected', async () => {
    const alert = await one();
    play(() => 'drop');
    await send([alert]);
    play(({ method }) => (method === 'sms/sendarray' ? { status: 411 } : 'pass'));
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['failed']);
  });

  it('is not sent again while the provider cannot be asked, and has one event', async () => {
    const [alert] = (await scene.desk.accept(['09990000003'])) as [TestAlert];
    await send([alert]);
    play(() => 'html');
    await send([alert]);
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['unknown']);
    expect(scene.providers.kavenegar.calls('sms/sendarray')).toBe(1);
    expect(await scene.desk.attempts(alert)).toMatchObject([{ outcome: 'unknown', code: 'not_known' }]);
    expect(await eventTypes(alert)).toEqual(['alert.unknown']);
  });

  it('is left for a person after eleven hours, and nothing is sent', async () => {
    const [alert] = (await scene.desk.accept(['09990000003'])) as [TestAlert];
    await send([alert]);
    await scene.desk.age([alert], 11 * HOUR);
    scene.providers.kavenegar.expireLocalIds();
    await send([alert]);
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['unknown']);
    expect(await scene.desk.reason(alert)).toContain('a person decides');
    expect(await scene.desk.work(alert)).toBeNull();
    expect(scene.providers.kavenegar.calls('sms/sendarray')).toBe(1);
  });

  it('becomes sent after eleven hours as well, where the provider still knows it', async () => {
    const [alert] = (await scene.desk.accept(['09990000003'])) as [TestAlert];
    await send([alert]);
    await scene.desk.age([alert], 11.5 * HOUR);
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['sent']);
  });

  it('is not sent again when its time is over', async () => {
    const [alert] = (await scene.desk.accept(['09121110002'], { alertTtlHours: 1 })) as [TestAlert];
    play(() => 'drop');
    await send([alert]);
    play();
    await scene.desk.age([alert], 2 * HOUR);
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['unknown']);
    expect(await scene.desk.reason(alert)).toContain('a person decides');
    expect(await scene.desk.work(alert)).toBeNull();
    expect(scene.providers.kavenegar.count()).toBe(0);
  });
});

describe('an SMS whose worker died', () => {
  it('is looked up, and not sent again where it went out', async () => {
    const alert = await one();
    await dieSending(alert, true);
    await scene.desk.age([alert], STALE);
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['sent']);
    expect(await receivedOf(alert)).toEqual([1]);
    expect(await eventTypes(alert)).toEqual(['alert.sent']);
  });

  it('is sent under its own local id where it did not go out', async () => {
    const alert = await one();
    await dieSending(alert, false);
    await scene.desk.age([alert], STALE);
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['sent']);
    expect(await scene.desk.attempts(alert)).toHaveLength(1);
    expect(scene.providers.kavenegar.count()).toBe(1);
  });

  it('is left alone while that worker may still be sending, and published again later', async () => {
    const alert = await one();
    await dieSending(alert, false);
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['sending']);
    expect(scene.providers.kavenegar.calls()).toBe(0);
    expect((await scene.desk.work(alert))?.relayIn).toBeGreaterThan(50);
  });

  it('survives the death of the worker that looks it up, too', async () => {
    const [alert] = (await scene.desk.accept(['09990000003'])) as [TestAlert];
    await send([alert]);
    await createAlerts(scene.db, 'sms').claimInDoubt('sms-normal', [alert.outboxId]);
    await scene.desk.age([alert], STALE);
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['sent']);
    expect(await receivedOf(alert)).toEqual([1]);
  });

  it('is sent once though PostgreSQL goes away before the settlement', async () => {
    const alert = await one();
    const away: Database = {
      ...scene.db,
      query: (sql, values) =>
        isStatement(sql, 'settle-alerts')
          ? Promise.reject(new Unavailable('postgres'))
          : scene.db.query(sql, values),
    };
    const deps = { ...scene.providers.sendSmsDeps(away), maxOutageMs: 600 };
    await expect(sendSms(deps, 'sms-normal', [alert.outboxId])).rejects.toBeInstanceOf(Unavailable);
    expect(await scene.desk.states([alert])).toEqual(['sending']);
    await scene.desk.age([alert], STALE);
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['sent']);
    expect(await receivedOf(alert)).toEqual([1]);
    expect(scene.providers.kavenegar.count()).toBe(1);
  });
});

describe('an SMS of a disabled line', () => {
  it('waits in the outbox, and no call is made for it', async () => {
    const first = await scene.desk.accept(mobiles(3));
    scene.providers.kavenegar.setCredit(0);
    await send(first);
    expect(await createLines(scene.db).list()).toEqual(
      expect.arrayContaining([expect.objectContaining({ channel: 'sms', state: 'paused', code: '418' })]),
    );
    expect(await scene.desk.states(first)).toEqual(['queued', 'queued', 'queued']);
    expect(scene.providers.logged.filter(({ level }) => level === 50)).toMatchObject([
      { line: 'kavenegar', code: '418', opensByItself: true },
    ]);
    const calls = scene.providers.kavenegar.calls();
    const next = await scene.desk.accept(mobiles(3));
    await send(next);
    expect(scene.providers.kavenegar.calls()).toBe(calls);
    expect((await scene.desk.work(next[0] as TestAlert))?.relayIn).toBeLessThanOrEqual(1);
    expect(await scene.desk.attempts(next[0] as TestAlert)).toEqual([]);
  });

  it('goes out once an operator opens the line again', async () => {
    const alerts = await scene.desk.accept(mobiles(3));
    play(() => ({ status: 403 }));
    await send(alerts);
    await send(alerts);
    expect((await createLines(scene.db).list())[1]).toMatchObject({ state: 'closed', code: '403' });
    expect(scene.providers.logged.filter(({ level }) => level === 50)).toHaveLength(1);
    play();
    await createLines(scene.db).openChannel('sms');
    await send(alerts);
    expect(await scene.desk.states(alerts)).toEqual(['sent', 'sent', 'sent']);
  });

  it('waits also when a look-up finds the account refused, which disables the line', async () => {
    const [alert] = (await scene.desk.accept(['09990000003'])) as [TestAlert];
    await send([alert]);
    play(() => ({ status: 401 }));
    await send([alert]);
    expect(await shutChannels(scene.db)).toEqual(['sms']);
    expect(await scene.desk.states([alert])).toEqual(['unknown']);
  });
});

describe('an SMS that waited too long', () => {
  it('expires and is not sent', async () => {
    const [late, good] = (await scene.desk.accept(mobiles(2))) as [TestAlert, TestAlert];
    await scene.desk.age([late], 73 * HOUR);
    await send([late, good]);
    expect(await scene.desk.states([late, good])).toEqual(['expired', 'sent']);
    expect(await eventTypes(late)).toEqual(['alert.expired']);
    expect(await scene.desk.work(late)).toBeNull();
    expect(scene.providers.kavenegar.count()).toBe(1);
  });
});
