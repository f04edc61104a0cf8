import type { EventType } from '../events/events';
import { CALL_BOUNDS, HANDOVER_BOUNDS } from '../platform/metrics';
import { LANES } from '../platform/queues';
import { MEASURES, type Measure, type Overview } from './overview';
import { quantilesOf, shareWithin } from './quantiles';
import { HANDOVER, LINE_ANSWERS, LINE_CALLS, type MinuteCounts, type Tally } from './traffic';

const MINUTE_MS = 60_000;
const MINUTES = 60;
/** GOV.UK's public measure. */
const PROMPT_SECONDS = 10;
/** Codes of a line that are shown. */
const MOST_FREQUENT = 10;

/** Event types that come too often to be counted one by one, by the measure that counts them. */
const EVENT_OF: Record<Measure, EventType> = {
  accepted: 'notice.accepted',
  sent: 'alert.sent',
  delivered: 'alert.delivered',
  failed: 'alert.failed',
  unknown: 'alert.unknown',
};

/** @param at the moment the counts were read, on PostgreSQL's clock */
export function perMinute(counted: MinuteCounts[], at: Date): Overview['traffic'] {
  const first = Math.floor(at.getTime() / MINUTE_MS) - (MINUTES - 1);
  const minutes = Array.from({ length: MINUTES }, (_, i) => new Date((first + i) * MINUTE_MS));
  const series = MEASURES.flatMap((measure) =>
    LANES.map((lane) => ({ measure, lane, counts: Array<number>(MINUTES).fill(0) })),
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

export function handoverByLane(sums: Tally[]): Overview['handover'] {
  return LANES.map((lane) => {
    const buckets = sums.filter(({ measure, part }) => measure === HANDOVER && part === lane);
    return {
      lane,
      ...quantilesOf(buckets, HANDOVER_BOUNDS),
      within10s: shareWithin(buckets, PROMPT_SECONDS),
    };
  });
}

/** How calls of a line went in the last hour. */
export function callsOf(line: string, sums: Tally[]): Pick<Overview['lines'][number], 'latencyMs' | 'codes'> {
  const ofLine = sums.filter(({ subject }) => subject === line);
  const { p50 } = quantilesOf(
    ofLine.filter(({ measure }) => measure === LINE_CALLS),
    CALL_BOUNDS,
  );
  return {
    latencyMs: p50 === null ? null : Math.round(p50 * 1000),
    codes: ofLine
      .filter(({ measure, part }) => measure === LINE_ANSWERS && !isSuccess(part))
      .map(({ part, count }) => ({ code: part, count }))
      .toSorted((a, b) => b.count - a.count)
      .slice(0, MOST_FREQUENT),
  };
}

/** Kavenegar's 200 as well as the 250 of a mail server. */
const isSuccess = (code: string): boolean => /^2\d\d$/.test(code);

/** @param rare what was counted one by one */
export function eventsOfHour(rare: Overview['events'], { series }: Overview['traffic']): Overview['events'] {
  const frequent = MEASURES.map((measure) => ({
    type: EVENT_OF[measure],
    count: series
      .filter((each) => each.measure === measure)
      .flatMap(({ counts }) => counts)
      .reduce((sum, count) => sum + count, 0),
  }));
  return [...frequent, ...rare]
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count || (a.type < b.type ? -1 : 1));
}
