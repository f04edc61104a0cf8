import type { EventType } from '../../events/events';
import { CALL_BOUNDS_SECONDS, HANDOVER_BOUNDS_SECONDS } from '../../platform/metrics';
import { LANES } from '../../platform/queues';
import { type HandoverMinute, MEASURES, type Measure, type Overview } from '../overview';
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
/** GOV.UK's public measure. */
const PROMPT_SECONDS = 10;
/** Codes of a line that are shown. */
const MAX_SHOWN_CODES = 10;

/** Event types that come too often to be counted one by one, by the measure that counts them. */
const EVENT_TYPE_OF_MEASURE: Record<Measure, EventType> = {
  accepted: 'notice.accepted',
  sent: 'alert.sent',
  delivered: 'alert.delivered',
  failed: 'alert.failed',
  unknown: 'alert.unknown',
};

/** Of the last sixty minutes, in minutes since 1970. */
const firstMinute = (at: Date): number => Math.floor(at.getTime() / MINUTE_MS) - (WINDOW_MINUTES - 1);

/** @param at the moment the counts were read, on PostgreSQL's clock */
export function trafficPerMinute(counted: MinuteCounts[], at: Date): Overview['traffic'] {
  const first = firstMinute(at);
  const minutes = Array.from({ length: WINDOW_MINUTES }, (_, i) => new Date((first + i) * MINUTE_MS));
  const series = MEASURES.flatMap((measure) =>
    LANES.map((lane) => ({ measure, lane, counts: Array<number>(WINDOW_MINUTES).fill(0) })),
  );
  for (const { measure, part, minutes, counts } of counted) {
    const found = series.find((each) => each.measure === measure && each.lane === part);
    minutes.forEach((minute, i) => {
      const place = minute - first;
      if (found && place in found.counts) found.counts[place] = counts[i] as number;
    });
  }
  return { minutes, series };
}

export const handoverByLane = (buckets: MinuteBuckets[]): Overview['handover'] =>
  LANES.map((lane) => {
    const sums = buckets
      .filter(({ part }) => part === lane)
      .map(({ bound, counts }) => ({ bound, count: counts.reduce((sum, count) => sum + count, 0) }));
    return { lane, ...handoverFigures(sums) };
  });

/** @param at the moment of the reading, on PostgreSQL's clock */
export const handoverPerMinute = (buckets: MinuteBuckets[], at: Date): Overview['handoverPerMinute'] =>
  (['all', ...LANES] as const).map((lane) => {
    const minutes = Array.from({ length: WINDOW_MINUTES }, (): BucketCount[] => []);
    for (const { part, bound, ...counted } of buckets) {
      if (lane !== 'all' && part !== lane) continue;
      counted.minutes.forEach((minute, i) => {
        minutes[minute - firstMinute(at)]?.push({ bound, count: counted.counts[i] as number });
      });
    }
    return { lane, minutes: minutes.map(handoverFigures).map(({ count: _, ...minute }) => minute) };
  });

const handoverFigures = (buckets: BucketCount[]): HandoverMinute & { count: number } => ({
  ...quantilesOf(buckets, HANDOVER_BOUNDS_SECONDS),
  within10s: shareWithin(buckets, PROMPT_SECONDS),
});

/** How calls of a line went in the last hour. */
export function lineCallFigures(
  line: string,
  sums: TrafficCount[],
): Pick<Overview['lines'][number], 'latencyMs' | 'codes'> {
  const ofLine = sums.filter(({ subject }) => subject === line);
  const { p50 } = quantilesOf(
    ofLine.filter(({ measure }) => measure === LINE_CALLS),
    CALL_BOUNDS_SECONDS,
  );
  return {
    latencyMs: p50 === null ? null : Math.round(p50 * 1000),
    codes: ofLine
      .filter(({ measure, part }) => measure === LINE_ANSWERS && !isSuccess(part))
      .map(({ part, count }) => ({ code: part, count }))
      .toSorted((a, b) => b.count - a.count)
      .slice(0, MAX_SHOWN_CODES),
  };
}

/** Kavenegar's 200 as well as the 250 of a mail server. */
const isSuccess = (code: string): boolean => /^2\d\d$/.test(code);

/** @param rare what was counted one by one */
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
