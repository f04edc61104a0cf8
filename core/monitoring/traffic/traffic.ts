import type { Queryable } from '../../platform/database';
import type { Lane } from '../../platform/queues';
import { statement } from '../../platform/statement';
import { MEASURES } from '../overview';

/** Measures beside those of the overview: seconds until handed over, seconds of calls, and answers to calls. */
export const HANDOVER = 'handover';
export const LINE_CALLS = 'calls';
export const LINE_ANSWERS = 'answers';

/** One row of `traffic`, without its minute. */
export interface TrafficCount {
  measure: string;
  /** A channel or a line; empty for counts that belong to neither. */
  subject: string;
  /** A lane, or the code of an answer; the column `part`. */
  label: string;
  /** The upper bound of a histogram's bucket in seconds; 0 for plain counts. */
  bound: number;
  count: number;
}

/** The counts of one measure in one lane, minute by minute; minutes without a count are left out. */
export interface MinuteCounts {
  measure: string;
  lane: Lane;
  /** Minutes since 1970. */
  minutes: number[];
  /** A count for each of `minutes`. */
  counts: number[];
}

/** The counts of one histogram bucket in one lane, minute by minute. */
export interface MinuteBuckets extends Omit<MinuteCounts, 'measure'> {
  bound: number;
}

const RETENTION = '7 days';

const ADD_TRAFFIC = statement(
  'add-traffic',
  `INSERT INTO traffic (minute, measure, subject, part, bound, count)
   SELECT date_trunc('minute', now()), *
     FROM unnest(:measures::text[], :subjects::text[], :labels::text[], :bounds::real[], :counts::bigint[])
   ON CONFLICT (measure, minute, subject, part, bound) DO UPDATE SET count = traffic.count + EXCLUDED.count`,
  {},
);

const COUNTS_PER_MINUTE = statement<MinuteCounts>(
  'traffic-counts-per-minute',
  `SELECT measure, lane, array_agg(minute) AS minutes, array_agg(count) AS counts
     FROM (SELECT measure, part AS lane, (extract(epoch FROM minute) / 60)::int AS minute, sum(count)::float8 AS count
             FROM traffic WHERE measure = ANY(:measures::text[]) AND minute > now() - interval '1 hour'
            GROUP BY measure, part, minute) counted
    GROUP BY measure, lane`,
  { measure: 'text', lane: 'text', minutes: 'int4[]', counts: 'float8[]' },
);

const HISTOGRAM_PER_MINUTE = statement<MinuteBuckets>(
  'traffic-histogram-per-minute',
  `SELECT lane, bound, array_agg(minute) AS minutes, array_agg(count) AS counts
     FROM (SELECT part AS lane, bound, (extract(epoch FROM minute) / 60)::int AS minute, sum(count)::float8 AS count
             FROM traffic WHERE measure = :measure AND minute > now() - interval '1 hour'
            GROUP BY part, bound, minute) counted
    GROUP BY lane, bound`,
  { lane: 'text', bound: 'float4', minutes: 'int4[]', counts: 'float8[]' },
);

const SUMS_OF_LAST_HOUR = statement<TrafficCount>(
  'traffic-sums-of-last-hour',
  `SELECT measure, subject, part AS label, bound, sum(count)::float8 AS count FROM traffic
    WHERE measure = ANY(:measures::text[]) AND minute > now() - interval '1 hour'
    GROUP BY measure, subject, part, bound`,
  { measure: 'text', subject: 'text', label: 'text', bound: 'float4', count: 'float8' },
);

/** Keeps the counts of all processes, one row per minute and kind. */
export function createTraffic(db: Queryable) {
  return {
    /** Adds counts to the running minute on PostgreSQL's clock. */
    async add(counts: TrafficCount[]): Promise<void> {
      if (counts.length === 0) return;
      // Every process locks the rows in this order: two that add to the same rows wait for each other and never deadlock.
      const ordered = counts.toSorted((a, b) => (trafficKey(a) < trafficKey(b) ? -1 : 1));
      await db.query(ADD_TRAFFIC, {
        measures: ordered.map(({ measure }) => measure),
        subjects: ordered.map(({ subject }) => subject),
        labels: ordered.map(({ label }) => label),
        bounds: ordered.map(({ bound }) => bound),
        counts: ordered.map(({ count }) => count),
      });
    },

    /** Reads the plain counts of the last sixty minutes, the running one included. */
    perMinute: (measures: readonly string[]): Promise<MinuteCounts[]> =>
      db.query(COUNTS_PER_MINUTE, { measures }),

    /** Reads the histogram of one measure in the last sixty minutes, over all its subjects. */
    histogramPerMinute: (measure: string): Promise<MinuteBuckets[]> =>
      db.query(HISTOGRAM_PER_MINUTE, { measure }),

    /** Sums up the last sixty minutes. */
    lastHour: (measures: readonly string[]): Promise<TrafficCount[]> =>
      db.query(SUMS_OF_LAST_HOUR, { measures }),

    /** Removes rows older than a week, up to `limit` of each measure. Returns how many. */
    async purgeOld(limit = 1_000): Promise<number> {
      const rows = await db.query(
        `DELETE FROM traffic WHERE ctid = ANY(ARRAY(
           SELECT old.ctid FROM unnest($1::text[]) m(measure),
                  LATERAL (SELECT ctid FROM traffic WHERE measure = m.measure AND minute < now() - $3::interval
                            ORDER BY minute LIMIT $2) old)) RETURNING 1`,
        [[...MEASURES, HANDOVER, LINE_CALLS, LINE_ANSWERS], limit, RETENTION],
      );
      return rows.length;
    },
  };
}

/** The identity of a row within its minute. */
export const trafficKey = ({ measure, subject, label, bound }: TrafficCount): string =>
  [measure, subject, label, bound].join(' ');
