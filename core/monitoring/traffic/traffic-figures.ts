import type { EventType } from '../../events/events';
import { CALL_BOUNDS_SECONDS, HANDOVER_BOUNDS_SECONDS } from '../../platform/metrics';
import { LANES } from '../../platform/queues';
import { type LaneHandover, type LineOverview, MEASURES, type Measure, type Overview } from '../overview';
import { type BucketCount, quantilesOf, shareWithin } from './quantiles';
import {
  LINE_ANSWERS,
  LINE_CALLS,
  type MinuteBuckets,
  type MinuteCounts,
  type TrafficCount,
} from './traffic';

const MINUTE_MS = 60_000;
const WINDOW_MINUTES = 60;
/** GOV.UK publishes the share of messages sent within this time. */
const PROMPT_SECONDS = 10;
/** How many codes of a line the page shows. */
const MAX_SHOWN_CODES = 10;

/** Event types too frequent to be counted from `events`, by the measure that counts them. */
const EVENT_TYPE_OF_MEASURE: Record<Measure, EventType> = {
  accepted: 'notice.accepted',
  sent: 'alert.sent',
  delivered: 'alert.delivered',
  failed: 'alert.failed',
  unknown: 'alert.unknown',
};

/** The first of the last sixty minutes, in minutes since 1970. */
const firstMinute = (at: Date): number => Math.floor(at.getTime() / MINUTE_MS) - (WINDOW_MINUTES - 1);

/**
 * Fills in the minutes without counts: a series of sixty for each measure and lane.
 *
 * @param at the moment the counts were read, on PostgreSQL's clock
 */
export function trafficPerMinute(counted: MinuteCounts[], at: Date): Overview['traffic'] {
  const first = firstMinute(at);
  const minutes = Array.from({ length: WINDOW_MINUTES }, (_, i) => new Date((first + i) * MINUTE_MS));
  const series = MEASURES.flatMap((measure) =>
    LANES.map((lane) => ({ measure, lane, counts: Array<number>(WINDOW_MINUTES).fill(0) })),
  );
  for (const { measure, lane, minutes, counts } of counted) {
    const found = series.find((each) => each.measure === measure && each.lane === lane);
    minutes.forEach((minute, i) => {
      const index = minute - first;
      if (found && index in found.counts) found.counts[index] = counts[i] as number;
    });
  }
  return { minutes, series };
}

/** Adds up the buckets of the hour and estimates the handover times of each lane. */
export const handoverByLane = (buckets: MinuteBuckets[]): Overview['handover'] =>
  LANES.map((lane) => {
    const sums = buckets
      .filter((bucket) => bucket.lane === lane)
      .map(({ bound, counts }) => ({ bound, count: counts.reduce((sum, count) => sum + count, 0) }));
    return { lane, ...handoverFigures(sums) };
  });

/**
 * Estimates the handover times of each of the last sixty minutes, by lane and for all lanes together.
 *
 * @param at the moment the counts were read, on PostgreSQL's clock
 */
export const handoverPerMinute = (buckets: MinuteBuckets[], at: Date): Overview['handoverPerMinute'] =>
  (['all', ...LANES] as const).map((lane) => {
    const minutes = Array.from({ length: WINDOW_MINUTES }, (): BucketCount[] => []);
    for (const bucket of buckets) {
      if (lane !== 'all' && bucket.lane !== lane) continue;
      bucket.minutes.forEach((minute, i) => {
        minutes[minute - firstMinute(at)]?.push({ bound: bucket.bound, count: bucket.counts[i] as number });
      });
    }
    return { lane, minutes: minutes.map(handoverFigures).map(({ count: _, ...minute }) => minute) };
  });

const handoverFigures = (buckets: BucketCount[]): Omit<LaneHandover, 'lane'> => ({
  ...quantilesOf(buckets, HANDOVER_BOUNDS_SECONDS),
  within10s: shareWithin(buckets, PROMPT_SECONDS),
});

/** Summarises the calls of a line in the last hour. */
export function lineCallFigures(
  line: string,
  sums: TrafficCount[],
): Pick<LineOverview, 'latencyMs' | 'codes'> {
  const ofLine = sums.filter(({ subject }) => subject === line);
  const { p50 } = quantilesOf(
    ofLine.filter(({ measure }) => measure === LINE_CALLS),
    CALL_BOUNDS_SECONDS,
  );
  return {
    latencyMs: p50 === null ? null : Math.round(p50 * 1000),
    codes: ofLine
      .filter(({ measure, label }) => measure === LINE_ANSWERS && !isSuccess(label))
      .map(({ label, count }) => ({ code: label, count }))
      .toSorted((a, b) => b.count - a.count)
      .slice(0, MAX_SHOWN_CODES),
  };
}

/** Kavenegar answers 200, a mail server 250. */
const isSuccess = (code: string): boolean => /^2\d\d$/.test(code);

/**
 * Lists the events of the last hour by type, the most frequent type first.
 *
 * @param rare counts of the types that are rare enough to be counted from `events`
 */
export function eventsOfHour(rare: Overview['events'], { series }: Overview['traffic']): Overview['events'] {
  const frequent = MEASURES.map((measure) => ({
    type: EVENT_TYPE_OF_MEASURE[measure],
    count: series
      .filter((each) => each.measure === measure)
      .flatMap(({ counts }) => counts)
      .reduce((sum, count) => sum + count, 0),
  }));
  return [...frequent, ...rare]
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count || (a.type < b.type ? -1 : 1));
}
