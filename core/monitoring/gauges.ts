import { Gauge } from 'prom-client';
import type { LineState } from '../channels/lines';
import type { Queryable } from '../platform/database';
import type { Metrics } from '../platform/metrics';
import { OUTBOX_QUEUES } from '../platform/queues';
import { createFindings, type OpenFinding, RULES } from './findings';
import { linesInUse } from './lines-in-use';
import { createMeasurements, type PartialMeasurements } from './measure/measurements';

/** The help text and the labels of each gauge. */
const GAUGES = {
  ablagh_outbox_due: ['Subjects with work in the outbox that is due', 'queue'],
  ablagh_outbox_oldest_seconds: ['Age of the oldest due work in the outbox', 'queue'],
  ablagh_queue_jobs: ['Jobs BullMQ holds, in any state but done', 'queue'],
  ablagh_line_open: ['1 while the line may be used, 0 while it is closed or paused', 'line', 'channel'],
  ablagh_line_broken: ['1 while calls are held back because too many failed', 'line'],
  ablagh_line_credit_rials: ['What is left on the account of the line', 'line'],
  ablagh_unknown_oldest_seconds: ['Age of the oldest alert whose outcome is unknown'],
  ablagh_dead_letters: ['Alerts that wait for a decision by a person'],
  ablagh_permits_overdue: ['Permits that expired more than five minutes ago and are not closed yet'],
  ablagh_redis_used_bytes: ['Memory Redis uses'],
  ablagh_redis_max_bytes: ['Memory Redis may use, if it has a limit'],
  ablagh_postgres_connections: ['Connections to PostgreSQL'],
  ablagh_postgres_max_connections: ['Connections PostgreSQL takes at most'],
  ablagh_findings: ['Open findings of the watchdog', 'rule'],
  ablagh_measured_seconds_ago: ['Age of the measurements behind the other gauges'],
} satisfies Record<string, [help: string, ...labels: string[]]>;

type Labels = Record<string, string>;
type Reading = [name: keyof typeof GAUGES, value: number | null | undefined, labels?: Labels];

/**
 * Adds the observer's measurements to the metrics of a process; every process reports the same values. While PostgreSQL is
 * away these gauges are absent rather than wrong.
 */
export function registerGauges(metrics: Pick<Metrics, 'registry' | 'beforeScrape'>, db: Queryable): void {
  const registers = [metrics.registry];
  const gauges = new Map(
    Object.entries(GAUGES).map(([name, [help, ...labelNames]]) => [
      name,
      new Gauge({ name, help, labelNames, registers }),
    ]),
  );
  metrics.beforeScrape(async () => {
    const readings = await readAll(db).catch(() => []);
    for (const gauge of gauges.values()) clear(gauge);
    for (const [name, value, labels = {}] of readings) {
      if (typeof value === 'number') gauges.get(name)?.set(labels, value);
    }
  });
}

/** Removes all values of a gauge. `reset` alone would leave one without labels at 0. */
function clear(gauge: Gauge): void {
  gauge.reset();
  gauge.remove({});
}

async function readAll(db: Queryable): Promise<Reading[]> {
  const { measured, ageSeconds } = await createMeasurements(db).read();
  return [
    ['ablagh_measured_seconds_ago', ageSeconds],
    ...readingsOf(measured),
    ...(await linesInUse(db)).flatMap(readingsOfLine),
    ...readingsOfFindings(await createFindings(db).list()),
  ];
}

function readingsOf({ outbox, jobs, credit, redis, ...measured }: PartialMeasurements): Reading[] {
  return [
    ...(outbox ? OUTBOX_QUEUES : []).flatMap((queue): Reading[] => {
      const waiting = outbox?.find((row) => row.queue === queue);
      return [
        ['ablagh_outbox_due', waiting?.due ?? 0, { queue }],
        ['ablagh_outbox_oldest_seconds', waiting?.oldestSeconds ?? 0, { queue }],
      ];
    }),
    ...Object.entries(jobs ?? {}).map(([queue, count]): Reading => ['ablagh_queue_jobs', count, { queue }]),
    ...Object.entries(credit ?? {}).map(
      ([line, rials]): Reading => ['ablagh_line_credit_rials', rials, { line }],
    ),
    ['ablagh_unknown_oldest_seconds', measured.unknown && (measured.unknown.oldestSeconds ?? 0)],
    ['ablagh_dead_letters', measured.deadLetters?.count],
    ['ablagh_permits_overdue', measured.permits?.overdue],
    ...(redis && !redis.away
      ? ([
          ['ablagh_redis_used_bytes', redis.usedBytes],
          ['ablagh_redis_max_bytes', redis.maxBytes],
        ] satisfies Reading[])
      : []),
    ['ablagh_postgres_connections', measured.postgres?.connections],
    ['ablagh_postgres_max_connections', measured.postgres?.maxConnections],
  ];
}

const readingsOfLine = ({ name, channel, state, brokenUntil }: LineState): Reading[] => [
  ['ablagh_line_open', state === 'open' ? 1 : 0, { line: name, channel }],
  ['ablagh_line_broken', brokenUntil ? 1 : 0, { line: name }],
];

const readingsOfFindings = (findings: OpenFinding[]): Reading[] =>
  RULES.map((rule) => ['ablagh_findings', findings.filter((found) => found.rule === rule).length, { rule }]);
