import { createLanePauses } from '../channels/lane-pauses';
import type { Queryable } from '../platform/database';
import { QUEUE_NAMES } from '../platform/queues';
import { createFindings } from './findings';
import { linesInUse } from './lines-in-use';
import { createMeasurements, type PartialMeasurements } from './measure/measurements';
import { MEASURES, type Overview } from './overview';
import { createProcesses } from './processes';
import { createTraffic, HANDOVER, LINE_ANSWERS, LINE_CALLS } from './traffic/traffic';
import {
  eventsOfHour,
  handoverByLane,
  handoverPerMinute,
  lineCallFigures,
  trafficPerMinute,
} from './traffic/traffic-figures';

/** Processes add their traffic every five seconds: sums over many rows need not be read more often. */
const CACHE_MS = 5_000;

/**
 * Reads the operators' status. Every figure comes from counters and measurements, so that a read costs next to nothing.
 *
 * @param now a monotonic clock, in milliseconds
 */
export function createOverviewReader(db: Queryable, now: () => number = () => performance.now()) {
  const sumsOfHour = cachedFor(CACHE_MS, now, () => createTraffic(db).lastHour([LINE_CALLS, LINE_ANSWERS]));
  const handoverOfHour = cachedFor(CACHE_MS, now, () => createTraffic(db).histogramPerMinute(HANDOVER));
  return {
    /** @throws Unavailable while PostgreSQL is away */
    async read(): Promise<Overview> {
      const { at, measured, ageSeconds } = await createMeasurements(db).read();
      const traffic = trafficPerMinute(await createTraffic(db).perMinute(MEASURES), at);
      const sums = await sumsOfHour();
      const handover = await handoverOfHour();
      const lines = await linesInUse(db);
      return {
        at,
        measuredSecondsAgo: ageSeconds,
        traffic,
        handover: handoverByLane(handover),
        handoverPerMinute: handoverPerMinute(handover, at),
        queues: queueFigures(measured),
        processes: await createProcesses(db).list(),
        lines: lines.map(({ seenAt: _, ...line }) => ({
          ...line,
          credit: measured.credit?.[line.name] ?? null,
          ...lineCallFigures(line.name, sums),
        })),
        pauses: await createLanePauses(db).list(),
        redis: measured.redis ?? null,
        postgres: measured.postgres ?? { connections: 0, maxConnections: 0 },
        permits: measured.permits ?? { endingWithinDay: 0, overdue: 0 },
        events: eventsOfHour(measured.events ?? [], traffic),
        deadLetters: measured.deadLetters?.count ?? 0,
        findings: await createFindings(db).list(),
      };
    },
  };
}

/** Returns a `read` whose result is reused until it is `ms` old. */
function cachedFor<T>(ms: number, now: () => number, read: () => Promise<T[]>): () => Promise<T[]> {
  let latest: T[] = [];
  let freshUntil = Number.NEGATIVE_INFINITY;
  return async () => {
    if (now() < freshUntil) return latest;
    latest = await read();
    freshUntil = now() + ms;
    return latest;
  };
}

const queueFigures = ({ outbox = [], jobs }: PartialMeasurements): Overview['queues'] =>
  QUEUE_NAMES.map((queue) => {
    const waiting = outbox.find((row) => row.queue === queue);
    return {
      queue,
      waiting: waiting?.due ?? 0,
      oldestSeconds: waiting?.oldestSeconds ?? 0,
      jobs: jobs?.[queue] ?? null,
    };
  });
