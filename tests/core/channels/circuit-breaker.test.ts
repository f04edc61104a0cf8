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
    .then(() => note(ONE_ANSWERED)),
);

const note = (tally: CallStats) => breaker().record('kavenegar', tally);
const health = async () => (await createLines(test.db).lineHealth('sms', 'normal'))[0]?.health;
const row = async () =>
  (
    await test.db.query<{ failures: number; pause: number | null; version: string }>(
      `SELECT failures, round(date_part('epoch', broken_until - now()))::int AS pause, xmin::text AS version
         FROM lines WHERE name = 'kavenegar'`,
    )
  )[0];
const failOften = async (times: number) => {
  for (let i = 0; i < times; i += 1) await note(FAILED);
};
/** Lets the time pass for which the line is left alone. */
const passPause = () => test.db.query(`UPDATE lines SET broken_until = now() WHERE broken_until IS NOT NULL`);

describe('a line whose calls fail', () => {
  it('breaks at the fifth in a row, and whoever broke it hears of it', async () => {
    await failOften(4);
    expect(await health()).toBe('failing');
    expect(await note(FAILED)).toBe(true);
    expect(await health()).toBe('out');
    expect((await row())?.pause).toBe(10);
  });

  it('is not broken when one of them is answered in between', async () => {
    await failOften(4);
    await note(ONE_ANSWERED);
    expect(await health()).toBe('well');
    await failOften(4);
    expect(await health()).toBe('failing');
  });

  it('breaks as well when many processes see it at the same time', async () => {
    const told = await Promise.all(Array.from({ length: 12 }, () => note(FAILED)));
    expect(told.filter(Boolean)).toHaveLength(1);
    expect((await row())?.pause).toBe(10);
  });

  it('counts those of a set that came after the last answered one', async () => {
    await failOften(4);
    expect(await note({ answered: true, failed: 4 })).toBe(false);
    expect(await note({ answered: false, failed: 1 })).toBe(true);
  });

  it('is left alone no longer for calls that were on their way when it broke', async () => {
    await failOften(5);
    await test.db.query(`UPDATE lines SET broken_until = broken_until - interval '4 seconds'`);
    await failOften(3);
    expect((await row())?.pause).toBe(6);
    await note(ONE_ANSWERED);
    expect(await health()).toBe('out');
  });
});

describe('a line that is broken', () => {
  beforeEach(() => failOften(5));

  it('is tried by nobody before its time is over, and then by exactly one', async () => {
    expect(await breaker().takeProbe('kavenegar')).toBeNull();
    await passPause();
    expect(await health()).toBe('probe');
    const tokens = await Promise.all(Array.from({ length: 10 }, () => breaker().takeProbe('kavenegar')));
    expect(tokens.filter(Boolean)).toHaveLength(1);
    expect(await health()).toBe('out');
  });

  it('works again once its probe did', async () => {
    await passPause();
    const token = (await breaker().takeProbe('kavenegar')) as string;
    await breaker().endProbe('kavenegar', token, true);
    expect(await health()).toBe('well');
    await failOften(4);
    expect(await health()).toBe('failing');
  });

  it('is left alone for twice as long after each probe that failed, up to five minutes', async () => {
    const pauses: unknown[] = [];
    for (let i = 0; i < 7; i += 1) {
      await passPause();
      const token = (await breaker().takeProbe('kavenegar')) as string;
      await breaker().endProbe('kavenegar', token, false);
      pauses.push((await row())?.pause);
    }
    expect(pauses).toEqual([20, 40, 80, 160, 300, 300, 300]);
    await passPause();
    await breaker().endProbe('kavenegar', (await breaker().takeProbe('kavenegar')) as string, true);
    await failOften(5);
    expect((await row())?.pause).toBe(10);
  });

  it('is tried again by another when the process that was to try it is lost', async () => {
    await passPause();
    const lost = (await breaker().takeProbe('kavenegar')) as string;
    expect((await row())?.pause).toBe(45);
    await passPause();
    const next = (await breaker().takeProbe('kavenegar')) as string;
    await breaker().endProbe('kavenegar', lost, true);
    expect(await health()).toBe('out');
    await breaker().endProbe('kavenegar', next, true);
    expect(await health()).toBe('well');
  });

  it('is tried at once by another when there was nothing to try it with', async () => {
    await passPause();
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
  ])('failed that came to $outcome with $code', (failed) => {
    expect(callStats([failed, failed])).toEqual({ answered: false, failed: 1 });
  });

  it.each([
    accepted,
    outcome('rejected', '411'),
    outcome('rejected', '550'),
    outcome('try_later', '451'),
    outcome('unknown', 'no_entry'),
    outcome('unknown', '433'),
  ])('was answered that came to $outcome with $code', (answer) => {
    expect(callStats([outcome('not_sent', 'ECONNREFUSED'), answer])).toEqual({ answered: true, failed: 0 });
  });

  it('after four others that failed makes the line look broken', () => {
    const failed = callStats([outcome('not_sent', 'ECONNREFUSED')]);
    const four = [failed, failed, failed, failed].reduce(mergeStats, ONE_ANSWERED);
    expect(four).toEqual({ answered: true, failed: 4 });
    expect(isTripped(four)).toBe(false);
    expect(isTripped(mergeStats(four, failed))).toBe(true);
    expect(isTripped(mergeStats(mergeStats(four, ONE_ANSWERED), failed))).toBe(false);
  });
});
