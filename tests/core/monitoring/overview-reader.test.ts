import { randomUUID } from 'node:crypto';
import { createLanePauses } from '../../../core/channels/lane-pauses';
import { createLines } from '../../../core/channels/lines';
import { createFindings } from '../../../core/monitoring/findings';
import { createMeasurements } from '../../../core/monitoring/measure/measurements';
import type { Overview } from '../../../core/monitoring/overview';
import { createOverviewReader } from '../../../core/monitoring/overview-reader';
import { createProcesses } from '../../../core/monitoring/processes';
import { createTrafficFlush } from '../../../core/monitoring/traffic/traffic-flush';
import type { Queryable } from '../../../core/platform/database';
import { createMetrics } from '../../../core/platform/metrics';
import { QUEUE_NAMES } from '../../../core/platform/queues';
import { useDatabase } from '../../support/database';
import { textOf } from '../../support/statement-text';
import { clearMonitoring, measured } from './monitoring-scene';

const test = useDatabase();

beforeEach(() => clearMonitoring(test.db));

const read = () => createOverviewReader(test.db).read();
const seriesOf = ({ traffic }: Overview, measure: string, lane: string) =>
  traffic.series.find((series) => series.measure === measure && series.lane === lane)?.counts ?? [];

describe('the overview', () => {
  it('is empty, and not wrong, before anything was counted or measured', async () => {
    const overview = await read();
    expect(overview).toMatchObject({
      measuredSecondsAgo: null,
      redis: null,
      events: [],
      deadLetters: 0,
      findings: [],
      processes: [],
    });
    expect(overview.queues.map(({ queue }) => queue)).toEqual(QUEUE_NAMES);
    expect(overview.queues[0]).toEqual({ queue: 'notices', waiting: 0, oldestSeconds: 0, jobs: null });
    expect(overview.handover.map(({ count, p50, within10s }) => [count, p50, within10s])).toEqual(
      Array(3).fill([0, null, null]),
    );
    expect(
      overview.lines.map(({ name, latencyMs, codes, credit }) => [name, latencyMs, codes, credit]),
    ).toEqual([
      ['smtp', null, [], null],
      ['kavenegar', null, [], null],
    ]);
  });

  it('has a count for each of the last sixty minutes, the running one last', async () => {
    await test.db.query(
      `INSERT INTO traffic (minute, measure, subject, part, bound, count)
       SELECT date_trunc('minute', now()) - ago, 'sent', channel, 'bulk', 0, 10 FROM
         (VALUES (interval '0', 'sms'), ('5 minutes', 'sms'), ('5 minutes', 'email'), ('61 minutes', 'sms')) t(ago, channel)`,
    );
    const overview = await read();
    const { minutes } = overview.traffic;
    expect(minutes).toHaveLength(60);
    expect(overview.at.getTime() - (minutes.at(-1)?.getTime() ?? 0)).toBeLessThan(60_000);
    const counts = seriesOf(overview, 'sent', 'bulk');
    expect(counts).toHaveLength(60);
    // A minute may have ended between the writing and the reading.
    expect(counts.filter((count) => count > 0)).toEqual([20, 10]);
    const [five, now] = [counts.indexOf(20), counts.indexOf(10)];
    expect(now - five).toBe(5);
    expect(now).toBeGreaterThanOrEqual(58);
    expect(seriesOf(overview, 'sent', 'urgent')).toEqual(Array(60).fill(0));
  });

  it('reports how fast alerts were handed over, by lane and over both channels', async () => {
    const metrics = createMetrics();
    metrics.observeHandover('sms', 'urgent', Array(90).fill(0.9));
    metrics.observeHandover('email', 'urgent', Array(9).fill(20));
    metrics.observeHandover('sms', 'urgent', [5_000]);
    await createTrafficFlush(metrics, test.db)();
    const [urgent, normal] = (await read()).handover;
    expect(urgent).toMatchObject({ lane: 'urgent', count: 100, within10s: 0.9 });
    expect(urgent?.p50).toBeCloseTo(0.78, 2);
    expect(urgent?.p95).toBeCloseTo(10 + (20 * 5) / 9, 2);
    expect(urgent?.p99).toBe(30);
    expect(normal).toMatchObject({ lane: 'normal', count: 0 });
  });

  it('reports handover times per minute, by lane and for all lanes, and null for minutes without any', async () => {
    await test.db.query(
      `INSERT INTO traffic (minute, measure, subject, part, bound, count)
       SELECT date_trunc('minute', now()) - ago, 'handover', channel, lane, bound, 10 FROM
         (VALUES (interval '3 minutes', 'sms', 'urgent', 1::real), ('3 minutes', 'email', 'urgent', 1),
                 ('3 minutes', 'sms', 'bulk', 60), ('8 minutes', 'sms', 'bulk', 'Infinity'),
                 ('61 minutes', 'sms', 'bulk', 1)) t(ago, channel, lane, bound)`,
    );
    const perMinute = (await read()).handoverPerMinute;
    expect(perMinute.map(({ lane, minutes }) => [lane, minutes.length])).toEqual(
      ['all', 'urgent', 'normal', 'bulk'].map((lane) => [lane, 60]),
    );
    const nonEmpty = perMinute.map(({ minutes }) => minutes.filter(({ p50 }) => p50 !== null));
    const nothing = { p50: null, p95: null, p99: null, within10s: null };
    expect(perMinute[2]?.minutes).toEqual(Array(60).fill(nothing));
    const late = { p50: 3600, p95: 3600, p99: 3600, within10s: 0 };
    expect(nonEmpty).toMatchObject([
      [late, { p50: 0.875, within10s: 2 / 3 }],
      [{ p50: 0.75, within10s: 1 }],
      [],
      [late, { p50: 45, within10s: 0 }],
    ]);
    // A minute may have ended between the writing and the reading.
    const [urgent, bulk] = [perMinute[1], perMinute[3]].map(
      (one) => one?.minutes.findIndex(({ p50 }) => p50 !== null) as number,
    ) as [number, number];
    expect(urgent - bulk).toBe(5);
    expect(urgent).toBeGreaterThanOrEqual(55);
  });

  it('reports the answers, the latency and the credit of each line', async () => {
    const metrics = createMetrics();
    const call = { line: 'kavenegar', method: 'sms/sendarray', seconds: 0.2 };
    for (const code of ['200', '418', '418', '418', 'deadline']) metrics.countCall({ ...call, code });
    metrics.countCall({ line: 'smtp', method: 'send', seconds: 3, code: '250' });
    await createTrafficFlush(metrics, test.db)();
    await createMeasurements(test.db).store(measured);
    await createLines(test.db).disable('kavenegar', 'paused', '418', 'the credit is not enough');
    const { lines } = await read();
    expect(lines).toMatchObject([
      { name: 'smtp', state: 'open', credit: null, codes: [] },
      {
        name: 'kavenegar',
        channel: 'sms',
        state: 'paused',
        code: '418',
        reason: 'the credit is not enough',
        since: expect.any(Date),
        brokenUntil: null,
        perSecond: null,
        credit: 5_000,
        latencyMs: 175,
        codes: [
          { code: '418', count: 3 },
          { code: 'deadline', count: 1 },
        ],
      },
    ]);
    expect(lines[0]?.latencyMs).toBeGreaterThan(2_500);
  });

  it('reports measurements, processes, paused lanes and findings', async () => {
    await createMeasurements(test.db).store(measured);
    await createProcesses(test.db).beat({ id: randomUUID(), kind: 'workers', host: 'a', pid: 1, data: {} });
    await createLanePauses(test.db).pause('sms', 'bulk', 'sara', 'night');
    await createFindings(test.db).raise({ rule: 'worker-rebuilt', subject: 'views', detail: 'a 1' });
    expect(await read()).toMatchObject({
      measuredSecondsAgo: expect.any(Number),
      redis: measured.redis,
      postgres: measured.postgres,
      permits: measured.permits,
      events: measured.events,
      deadLetters: 3,
      processes: [{ kind: 'workers', alive: true }],
      pauses: [{ channel: 'sms', lane: 'bulk', operator: 'sara', reason: 'night' }],
      findings: [{ rule: 'worker-rebuilt', subject: 'views', detail: 'a 1', since: expect.any(Date) }],
    });
    expect((await read()).queues.find(({ queue }) => queue === 'sms-bulk')).toEqual({
      queue: 'sms-bulk',
      waiting: 500_000,
      oldestSeconds: 77.5,
      jobs: QUEUE_NAMES.indexOf('sms-bulk'),
    });
  });

  it('sums up the last hour once in five seconds, however often it is read', async () => {
    let sums = 0;
    let nowMs = 0;
    const db: Queryable = {
      async query(statement, values) {
        if (/^\/\* traffic-(sums-of-last-hour|histogram-per-minute) /.test(textOf(statement))) sums += 1;
        return test.db.query(statement, values);
      },
    };
    const overview = createOverviewReader(db, () => nowMs);
    for (let i = 0; i < 3; i += 1) await overview.read();
    expect(sums).toBe(2);
    nowMs = 4_999;
    await overview.read();
    expect(sums).toBe(2);
    nowMs = 5_000;
    await overview.read();
    expect(sums).toBe(4);
  });

  it('counts frequent events from traffic, the most frequent first', async () => {
    const metrics = createMetrics();
    metrics.countAccepted('bulk', 100);
    metrics.countAttempts('sms', 'bulk', 'accepted', 5);
    metrics.countAttempts('email', 'urgent', 'accepted', 5);
    await createTrafficFlush(metrics, test.db)();
    await createMeasurements(test.db).store(measured);
    expect((await read()).events).toEqual([
      { type: 'notice.accepted', count: 100 },
      { type: 'alert.sent', count: 10 },
      { type: 'notice.viewed', count: 9 },
    ]);
  });
});
