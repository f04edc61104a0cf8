import { createTraffic } from '../../../../core/monitoring/traffic/traffic';
import { createTrafficFlush } from '../../../../core/monitoring/traffic/traffic-flush';
import type { Database } from '../../../../core/platform/database';
import { createMetrics } from '../../../../core/platform/metrics';
import { useDatabase } from '../../../support/database';

const test = useDatabase();

beforeEach(() => test.db.query('TRUNCATE traffic'));

/** Sums the rows over all minutes: a test may run across the end of one. */
const rows = () =>
  test.db.query<{ count: number }>(
    `SELECT measure, subject, part, bound, sum(count)::int AS count FROM traffic
      GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
  );

describe('a count of a process', () => {
  it('is added to the traffic by measure, channel and lane', async () => {
    const metrics = createMetrics();
    metrics.countAccepted('urgent', 7);
    metrics.countAttempts('sms', 'urgent', 'accepted', 5);
    metrics.countAttempts('sms', 'urgent', 'rejected', 1);
    metrics.countAttempts('sms', 'urgent', 'unknown', 2);
    metrics.countAttempts('email', 'bulk', 'accepted', 4);
    metrics.countReceipts('sms', 'urgent', 'delivered', 3);
    metrics.countReceipts('sms', 'urgent', 'failed', 1);
    metrics.countReceipts('sms', 'urgent', 'unknown', 1);
    metrics.observeHandover('sms', 'urgent', [0.2, 0.2, 10_000]);
    metrics.countCall({ line: 'kavenegar', method: 'sms/sendarray', seconds: 0.3, code: '418' });
    await createTrafficFlush(metrics, test.db)();
    expect(await rows()).toEqual([
      { measure: 'accepted', subject: '', part: 'urgent', bound: 0, count: 7 },
      { measure: 'answers', subject: 'kavenegar', part: '418', bound: 0, count: 1 },
      { measure: 'calls', subject: 'kavenegar', part: '', bound: 0.5, count: 1 },
      { measure: 'delivered', subject: 'sms', part: 'urgent', bound: 0, count: 3 },
      { measure: 'failed', subject: 'sms', part: 'urgent', bound: 0, count: 2 },
      { measure: 'handover', subject: 'sms', part: 'urgent', bound: 0.25, count: 2 },
      { measure: 'handover', subject: 'sms', part: 'urgent', bound: Number.POSITIVE_INFINITY, count: 1 },
      { measure: 'sent', subject: 'email', part: 'bulk', bound: 0, count: 4 },
      { measure: 'sent', subject: 'sms', part: 'urgent', bound: 0, count: 5 },
      { measure: 'unknown', subject: 'sms', part: 'urgent', bound: 0, count: 3 },
    ]);
  });

  it('is not traffic while its outcome is only intermediate', async () => {
    const metrics = createMetrics();
    metrics.countAttempts('sms', 'bulk', 'try_later', 9);
    metrics.countAttempts('sms', 'bulk', 'not_sent', 9);
    await createTrafficFlush(metrics, test.db)();
    expect(await rows()).toEqual([]);
  });

  it('is added once, however often it is flushed, and by every process', async () => {
    const one = createMetrics();
    const other = createMetrics();
    const flushOne = createTrafficFlush(one, test.db);
    const flushOther = createTrafficFlush(other, test.db);
    one.countAccepted('normal', 2);
    await flushOne();
    await flushOne();
    one.countAccepted('normal', 3);
    other.countAccepted('normal', 10);
    await Promise.all([flushOne(), flushOther()]);
    expect(await rows()).toMatchObject([{ measure: 'accepted', part: 'normal', count: 15 }]);
  });

  it('is added by the next flush when PostgreSQL was away', async () => {
    let away = true;
    const query: Database['query'] = async (sql, values) => {
      if (away) throw new Error('away');
      return test.db.query(sql, values);
    };
    const metrics = createMetrics();
    const flush = createTrafficFlush(metrics, { query });
    metrics.countAccepted('bulk', 4);
    await expect(flush()).rejects.toThrow('away');
    metrics.countAccepted('bulk', 1);
    away = false;
    await flush();
    expect(await rows()).toMatchObject([{ part: 'bulk', count: 5 }]);
  });

  it('is summed up correctly when many processes add to the same rows at once, in any order', async () => {
    const counts = Array.from({ length: 1_000 }, (_, i) => ({
      measure: 'answers',
      subject: 'kavenegar',
      label: `${i}`,
      bound: 0,
      count: 1,
    }));
    await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        for (let round = 0; round < 5; round += 1)
          await createTraffic(test.db).add(i % 2 ? counts : counts.toReversed());
      }),
    );
    expect((await rows()).map(({ count }) => count)).toEqual(Array(1_000).fill(40));
  });
});

describe('traffic', () => {
  const put = (minutesAgo: number, count: number) =>
    test.db.query(
      `INSERT INTO traffic (minute, measure, subject, part, bound, count)
       VALUES (date_trunc('minute', now()) - make_interval(mins => $1), 'sent', 'sms', 'bulk', 0, $2)`,
      [minutesAgo, count],
    );

  it('older than an hour is not read', async () => {
    await put(0, 1);
    await put(58, 10);
    await put(60, 100);
    const [lane] = await createTraffic(test.db).perMinute(['sent']);
    expect(lane).toMatchObject({ measure: 'sent', lane: 'bulk' });
    expect(lane?.counts.toSorted()).toEqual([1, 10]);
    expect(lane?.minutes.toSorted()).toEqual([expect.any(Number), expect.any(Number)]);
    expect(await createTraffic(test.db).lastHour(['sent'])).toMatchObject([{ label: 'bulk', count: 11 }]);
    expect(await createTraffic(test.db).lastHour(['accepted'])).toEqual([]);
  });

  it('older than a week is removed, a limited number of rows at a time', async () => {
    for (const minutes of [0, 7 * 1440 - 5, 7 * 1440 + 5, 7 * 1440 + 6, 7 * 1440 + 7]) await put(minutes, 1);
    const traffic = createTraffic(test.db);
    expect(await traffic.purgeOld(2)).toBe(2);
    expect(await traffic.purgeOld(2)).toBe(1);
    expect(await traffic.purgeOld(2)).toBe(0);
    expect(await rows()).toMatchObject([{ count: 2 }]);
  });
});
