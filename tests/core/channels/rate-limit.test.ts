import fc from 'fast-check';
import { createLines } from '../../../core/channels/lines';
import { createRateLimit } from '../../../core/channels/rate-limit';
import type { Queryable } from '../../../core/platform/database';
import type { Lane } from '../../../core/platform/queues';
import { useDatabase } from '../../support/database';

const test = useDatabase({ max: 10 });

const setRate = (rate: number | null) => createLines(test.db).setRate('kavenegar', rate);
const RESET = 'UPDATE lines SET busy_until = NULL, ordinary_busy_until = NULL';
beforeEach(() => test.db.query(RESET));

/** Gives a clock of its own: the time of a transaction stands still, and passes when the line is moved back instead. */
async function atOneMoment<T>(
  work: (at: {
    acquire(lane: Lane, wanted: number): Promise<number>;
    pass(seconds: number): Promise<unknown>;
    trx: Queryable;
  }) => Promise<T>,
): Promise<T> {
  return test.db.transaction((trx) =>
    work({
      trx,
      acquire: (lane, wanted) => createRateLimit(trx).acquire('kavenegar', lane, wanted),
      pass: (seconds) =>
        trx.query(
          `UPDATE lines SET busy_until = busy_until - make_interval(secs => $1),
                  ordinary_busy_until = ordinary_busy_until - make_interval(secs => $1)`,
          [seconds],
        ),
    }),
  );
}

describe('the rate of a line', () => {
  it('grants one second’s worth at once, and then as much as time passes', async () => {
    await setRate(50);
    await atOneMoment(async ({ acquire, pass }) => {
      expect(await acquire('urgent', 200)).toBe(50);
      expect(await acquire('urgent', 200)).toBe(0);
      await pass(0.1);
      expect(await acquire('urgent', 200)).toBe(5);
      await pass(60);
      expect(await acquire('urgent', 30)).toBe(30);
      expect(await acquire('urgent', 200)).toBe(20);
    });
  });

  it('keeps a fifth for urgent messages, however many others wait', async () => {
    await setRate(50);
    await atOneMoment(async ({ acquire, pass }) => {
      expect(await acquire('bulk', 200)).toBe(40);
      expect(await acquire('normal', 200)).toBe(0);
      expect(await acquire('urgent', 200)).toBe(10);
      await pass(0.5);
      expect(await acquire('normal', 200)).toBe(20);
      expect(await acquire('urgent', 200)).toBe(5);
    });
  });

  it('grants urgent messages all of it', async () => {
    await setRate(50);
    await atOneMoment(async ({ acquire, pass }) => {
      expect(await acquire('urgent', 200)).toBe(50);
      expect(await acquire('bulk', 200)).toBe(0);
      await pass(0.2);
      expect(await acquire('bulk', 200)).toBe(10);
    });
  });

  it.each([1, 2, 3])('grants single messages where it is as low as %d', async (rate) => {
    await setRate(rate);
    await atOneMoment(async ({ acquire, pass }) => {
      let sent = 0;
      for (let i = 0; i < 200; i += 1) {
        await pass(0.1);
        sent += await acquire('bulk', 200);
      }
      expect(sent).toBeGreaterThan(20 * rate * 0.8 * 0.9);
      expect(sent).toBeLessThanOrEqual(20 * rate * 0.8 + rate);
    });
  });

  it('is never exceeded in any window of time, whatever is acquired', async () => {
    const step = fc.record({
      lane: fc.constantFrom<Lane>('urgent', 'normal', 'bulk'),
      wanted: fc.integer({ min: 0, max: 200 }),
      wait: fc.double({ min: 0, max: 2, noNaN: true }),
    });
    const property = fc.asyncProperty(
      fc.integer({ min: 1, max: 500 }),
      fc.array(step, { minLength: 1, maxLength: 30 }),
      async (rate, steps) => {
        await setRate(rate);
        await test.db.query(RESET);
        const taken = await atOneMoment(async ({ acquire, pass }) => {
          const times: { at: number; count: number }[] = [];
          let at = 0;
          for (const { lane, wanted, wait } of steps) {
            await pass(wait);
            at += wait;
            times.push({ at, count: await acquire(lane, wanted) });
          }
          return times;
        });
        for (let from = 0; from < taken.length; from += 1) {
          let sum = 0;
          for (const { at, count } of taken.slice(from)) {
            sum += count;
            const window = at - (taken[from]?.at as number);
            expect(sum).toBeLessThanOrEqual(rate * window + rate + 0.01);
          }
        }
      },
    );
    await fc.assert(property, { numRuns: 40 });
  });

  it('is shared by callers that acquire at once', async () => {
    await setRate(100);
    const [before] = await test.db.query<{ at: number }>(
      `SELECT date_part('epoch', clock_timestamp()) AS at`,
    );
    const callers = Array.from({ length: 8 }, async () => {
      let sum = 0;
      for (let i = 0; i < 25; i += 1) sum += await createRateLimit(test.db).acquire('kavenegar', 'urgent', 7);
      return sum;
    });
    const granted = (await Promise.all(callers)).reduce((sum, one) => sum + one, 0);
    const [after] = await test.db.query<{ at: number }>(`SELECT date_part('epoch', clock_timestamp()) AS at`);
    const seconds = (after?.at as number) - (before?.at as number);
    expect(granted).toBeGreaterThanOrEqual(100);
    expect(granted).toBeLessThanOrEqual(100 + 100 * seconds);
  });

  it('grants nothing where there is no rate: senders do not ask', async () => {
    await setRate(null);
    expect(await createRateLimit(test.db).acquire('kavenegar', 'urgent', 5)).toBe(0);
    expect(await createRateLimit(test.db).acquire('nothing', 'urgent', 5)).toBe(0);
  });
});
