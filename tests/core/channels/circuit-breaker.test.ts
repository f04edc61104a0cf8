import {
  type CallStats,
  callStats,
  createCircuitBreaker,
  isTripped,
  mergeStats,
  ONE_ANSWERED,
} from '../../../core/channels/circuit-breaker';
import { createLines } from '../../../core/channels/lines';
import type { SendOutcome } from '../../../core/channels/outcomes';
import { useDatabase } from '../../support/database';

const test = useDatabase();
const breaker = () => createCircuitBreaker(test.db);
const FAILED = { answered: false, failed: 1 };

beforeEach(() =>
  createLines(test.db)
    .open('kavenegar')
    .then(() => record(ONE_ANSWERED)),
);

const record = (stats: CallStats) => breaker().record('kavenegar', stats);
const status = async () => (await createLines(test.db).lineHealth('sms', 'normal'))[0]?.status;
const row = async () =>
  (
    await test.db.query<{ failures: number; seconds: number | null; version: string }>(
      `SELECT failures, round(date_part('epoch', broken_until - now()))::int AS seconds, xmin::text AS version
         FROM lines WHERE name = 'kavenegar'`,
    )
  )[0];
const failOften = async (times: number) => {
  for (let i = 0; i < times; i += 1) await record(FAILED);
};
/** Lets the time pass for which the circuit is tripped. */
const passTrip = () => test.db.query(`UPDATE lines SET broken_until = now() WHERE broken_until IS NOT NULL`);

describe('a line whose calls fail', () => {
  it('trips its circuit at the fifth in a row, and tells the caller that did', async () => {
    await failOften(4);
    expect(await status()).toBe('failing');
    expect(await record(FAILED)).toBe(true);
    expect(await status()).toBe('unavailable');
    expect((await row())?.seconds).toBe(10);
  });

  it('does not trip its circuit when a call in between is answered', async () => {
    await failOften(4);
    await record(ONE_ANSWERED);
    expect(await status()).toBe('healthy');
    await failOften(4);
    expect(await status()).toBe('failing');
  });

  it('trips its circuit once when many processes record failures at the same time', async () => {
    const tripped = await Promise.all(Array.from({ length: 12 }, () => record(FAILED)));
    expect(tripped.filter(Boolean)).toHaveLength(1);
    expect((await row())?.seconds).toBe(10);
  });

  it('counts the failures of a set after its last answered call', async () => {
    await failOften(4);
    expect(await record({ answered: true, failed: 4 })).toBe(false);
    expect(await record({ answered: false, failed: 1 })).toBe(true);
  });

  it('is not tripped for longer by calls that were on their way', async () => {
    await failOften(5);
    await test.db.query(`UPDATE lines SET broken_until = broken_until - interval '4 seconds'`);
    await failOften(3);
    expect((await row())?.seconds).toBe(6);
    await record(ONE_ANSWERED);
    expect(await status()).toBe('unavailable');
  });
});

describe('a line whose circuit is tripped', () => {
  beforeEach(() => failOften(5));

  it('gives its probe to no process before the time is over, and then to exactly one', async () => {
    expect(await breaker().takeProbe('kavenegar')).toBeNull();
    await passTrip();
    expect(await status()).toBe('probe_due');
    const tokens = await Promise.all(Array.from({ length: 10 }, () => breaker().takeProbe('kavenegar')));
    expect(tokens.filter(Boolean)).toHaveLength(1);
    expect(await status()).toBe('unavailable');
  });

  it('recovers with a probe that works', async () => {
    await passTrip();
    const token = (await breaker().takeProbe('kavenegar')) as string;
    await breaker().endProbe('kavenegar', token, true);
    expect(await status()).toBe('healthy');
    await failOften(4);
    expect(await status()).toBe('failing');
  });

  it('stays tripped for twice as long after each failed probe, up to five minutes', async () => {
    const seconds: unknown[] = [];
    for (let i = 0; i < 7; i += 1) {
      await passTrip();
      const token = (await breaker().takeProbe('kavenegar')) as string;
      await breaker().endProbe('kavenegar', token, false);
      seconds.push((await row())?.seconds);
    }
    expect(seconds).toEqual([20, 40, 80, 160, 300, 300, 300]);
    await passTrip();
    await breaker().endProbe('kavenegar', (await breaker().takeProbe('kavenegar')) as string, true);
    await failOften(5);
    expect((await row())?.seconds).toBe(10);
  });

  it('gives its probe to another process when the first one is lost', async () => {
    await passTrip();
    const lost = (await breaker().takeProbe('kavenegar')) as string;
    expect((await row())?.seconds).toBe(45);
    await passTrip();
    const next = (await breaker().takeProbe('kavenegar')) as string;
    await breaker().endProbe('kavenegar', lost, true);
    expect(await status()).toBe('unavailable');
    await breaker().endProbe('kavenegar', next, true);
    expect(await status()).toBe('healthy');
  });

  it('gives a released probe to another process at once', async () => {
    await passTrip();
    await breaker().releaseProbe('kavenegar', (await breaker().takeProbe('kavenegar')) as string);
    expect(await breaker().takeProbe('kavenegar')).not.toBeNull();
  });
});

describe('a call', () => {
  const outcome = (kind: 'rejected' | 'try_later' | 'not_sent' | 'unknown', code: string): SendOutcome => ({
    outcome: kind,
    code,
    detail: '',
  });
  const accepted: SendOutcome = {
    outcome: 'accepted',
    providerMessageId: '1',
    code: '200',
    parts: 1,
    cost: 1,
  };

  it.each([
    outcome('not_sent', 'ECONNREFUSED'),
    outcome('unknown', 'deadline'),
    outcome('unknown', 'ECONNRESET'),
    outcome('unknown', 'unreadable_answer'),
    outcome('unknown', '500'),
    outcome('unknown', '503'),
  ])('failed when its outcome is $outcome with $code', (failed) => {
    expect(callStats([failed, failed])).toEqual({ answered: false, failed: 1 });
  });

  it.each([
    accepted,
    outcome('rejected', '411'),
    outcome('rejected', '550'),
    outcome('try_later', '451'),
    outcome('unknown', 'no_entry'),
    outcome('unknown', '433'),
  ])('was answered when its outcome is $outcome with $code', (answer) => {
    expect(callStats([outcome('not_sent', 'ECONNREFUSED'), answer])).toEqual({ answered: true, failed: 0 });
  });

  it('that fails after four others trips the circuit', () => {
    const failed = callStats([outcome('not_sent', 'ECONNREFUSED')]);
    const four = [failed, failed, failed, failed].reduce(mergeStats, ONE_ANSWERED);
    expect(four).toEqual({ answered: true, failed: 4 });
    expect(isTripped(four)).toBe(false);
    expect(isTripped(mergeStats(four, failed))).toBe(true);
    expect(isTripped(mergeStats(mergeStats(four, ONE_ANSWERED), failed))).toBe(false);
  });
});
