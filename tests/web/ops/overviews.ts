import { MEASURES, type Measure, type Overview } from '../../../core/monitoring/overview';
import { LANES, type Lane, QUEUE_NAMES } from '../../../core/platform/queues';

/** The present of all overviews: ۱۴:۰۵ in Tehran. */
export const NOW = new Date('2025-05-20T10:35:20Z');
export const ago = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1_000);

const SIZE: Record<Lane, number> = { urgent: 40, normal: 700, bulk: 2_600 };
const SHARE: Record<Measure, number> = {
  accepted: 1,
  sent: 0.99,
  delivered: 0.93,
  failed: 0.002,
  unknown: 0.0004,
};

/** Varies the counts as on a working day, the same on every run. */
const wave = (minute: number, lane: number): number =>
  1 + 0.25 * Math.sin(minute / 7 + lane) + 0.12 * Math.sin(minute * 1.7 + lane * 3);

const countsOf = (measure: Measure, lane: Lane): number[] =>
  Array.from({ length: 60 }, (_, minute) => {
    const count = SIZE[lane] * SHARE[measure] * wave(minute, LANES.indexOf(lane));
    return Math.round(minute === 59 ? count / 3 : count);
  });

const quickness = (by: number) => ({ p50: 0.6 * by, p95: 2.2 * by, p99: 5 * by, within10s: 1 - 0.008 * by });

/** A working day without findings. */
export const aGoodDay = (changes: Partial<Overview> = {}): Overview => ({
  at: NOW,
  measuredSecondsAgo: 3,
  traffic: {
    minutes: Array.from({ length: 60 }, (_, i) => new Date(ago(20).getTime() - (59 - i) * 60_000)),
    series: MEASURES.flatMap((measure) =>
      LANES.map((lane) => ({ measure, lane, counts: countsOf(measure, lane) })),
    ),
  },
  handover: [
    { lane: 'urgent', count: 2_380, p50: 0.21, p95: 0.8, p99: 1.4, within10s: 1 },
    { lane: 'normal', count: 41_655, p50: 0.62, p95: 2.3, p99: 6.1, within10s: 0.9984 },
    { lane: 'bulk', count: 154_702, p50: 1.4, p95: 6.2, p99: 14, within10s: 0.979 },
  ],
  handoverPerMinute: (['all', ...LANES] as const).map((lane, i) => ({
    lane,
    minutes: Array.from({ length: 60 }, (_, minute) => quickness(wave(minute, i))),
  })),
  queues: QUEUE_NAMES.map((queue) => ({
    queue,
    ...(WAITING[queue] ?? { waiting: 0, oldestSeconds: 0, jobs: 0 }),
  })),
  processes: [
    {
      id: 'a',
      kind: 'api',
      host: 'ablagh-1',
      pid: 2_114,
      startedAt: ago(4.2 * 86_400),
      beatAt: ago(4),
      alive: true,
    },
    {
      id: 'b',
      kind: 'workers',
      host: 'ablagh-1',
      pid: 2_139,
      startedAt: ago(4.2 * 86_400),
      beatAt: ago(2),
      alive: true,
    },
    {
      id: 'c',
      kind: 'workers',
      host: 'ablagh-2',
      pid: 918,
      startedAt: ago(9 * 3_600),
      beatAt: ago(7),
      alive: true,
    },
  ],
  lines: [
    {
      ...LINE,
      name: 'kavenegar',
      channel: 'sms',
      perSecond: 400,
      credit: 182_400_000,
      latencyMs: 74,
      codes: [
        { code: '451', count: 12 },
        { code: '411', count: 3 },
      ],
    },
    { ...LINE, name: 'smtp', channel: 'email', latencyMs: 31 },
  ],
  pauses: [],
  redis: { away: false, usedBytes: 214 * 2 ** 20, maxBytes: 2 ** 30 },
  postgres: { connections: 46, maxConnections: 200 },
  permits: { endingWithinDay: 318, overdue: 0 },
  events: [
    { type: 'notice.accepted', count: 198_737 },
    { type: 'alert.delivered', count: 184_113 },
    { type: 'notice.viewed', count: 12_408 },
    { type: 'permit.issued', count: 96 },
    { type: 'inquiry.answered', count: 41 },
    { type: 'inquiry.refused', count: 7 },
  ],
  deadLetters: 0,
  findings: [],
  ...changes,
});

const WAITING: Partial<Record<string, { waiting: number; oldestSeconds: number; jobs: number }>> = {
  'sms-bulk': { waiting: 840, oldestSeconds: 3.1, jobs: 5 },
  'email-bulk': { waiting: 312, oldestSeconds: 2.2, jobs: 4 },
  'sms-normal': { waiting: 44, oldestSeconds: 0.4, jobs: 1 },
  views: { waiting: 6, oldestSeconds: 0.2, jobs: 1 },
};

const LINE = {
  state: 'open' as const,
  code: null,
  reason: null,
  since: ago(9 * 86_400),
  brokenUntil: null,
  perSecond: null,
  credit: null,
  latencyMs: null,
  codes: [],
};

/** A bad day: the credit ran out twelve minutes ago, and one of the two worker processes died. */
export function aBadDay(changes: Partial<Overview> = {}): Overview {
  const good = aGoodDay();
  const since = ago(12 * 60);
  const [sms, email] = good.lines;
  const reason = 'اعتبار حساب شما کافی نیست';
  return {
    ...good,
    traffic: { ...good.traffic, series: good.traffic.series.map(withoutCredit) },
    handover: good.handover.map((lane) => ({ ...lane, p99: 312, p95: 46, within10s: 0.81 })),
    queues: good.queues.map((row) =>
      row.queue.startsWith('sms-') && row.queue in BACKLOG
        ? { ...row, waiting: BACKLOG[row.queue] as number, oldestSeconds: 718, jobs: 0 }
        : row,
    ),
    processes: good.processes.map((one) =>
      one.id === 'c' ? { ...one, alive: false, beatAt: ago(185) } : one,
    ),
    lines: [
      {
        ...(sms as Overview['lines'][number]),
        state: 'paused',
        code: '418',
        reason,
        since,
        credit: 1_240,
        codes: [
          { code: '418', count: 9 },
          { code: '451', count: 12 },
        ],
      },
      {
        ...(email as Overview['lines'][number]),
        brokenUntil: ago(-24),
        latencyMs: 8_200,
        codes: [{ code: 'ETIMEDOUT', count: 64 }],
      },
    ],
    pauses: [
      {
        channel: 'sms',
        lane: 'bulk',
        since: ago(600),
        operator: 'maryam',
        reason: 'تا شارژ حساب، فوری‌ها مقدم‌اند',
      },
    ],
    redis: { away: false, usedBytes: 790 * 2 ** 20, maxBytes: 2 ** 30 },
    permits: { endingWithinDay: 318, overdue: 2 },
    deadLetters: 148,
    findings: [
      { rule: 'dead-letters', subject: 'alerts', since: ago(3 * 86_400), detail: '148' },
      { rule: 'line-paused', subject: 'kavenegar', since, detail: `418: ${reason}` },
      { rule: 'process-died', subject: 'workers ablagh-2 918', since: ago(155), detail: '' },
      { rule: 'redis-memory', subject: 'redis', since: ago(95), detail: '77 %' },
    ],
    ...changes,
  };
}

const BACKLOG: Partial<Record<string, number>> = {
  'sms-urgent': 431,
  'sms-normal': 8_240,
  'sms-bulk': 31_655,
};

/** Email still works, and carries half of the alerts. */
function withoutCredit(series: Overview['traffic']['series'][number]) {
  const { measure, lane, counts } = series;
  if (measure === 'accepted') return series;
  if (measure === 'failed' || measure === 'unknown')
    return { measure, lane, counts: counts.map((count, i) => (i < 47 ? count : count + ((i * 7) % 5) + 2)) };
  return { measure, lane, counts: counts.map((count, i) => (i < 47 ? count : Math.round(count / 2))) };
}
