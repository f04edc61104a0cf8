import type { Queryable } from '../../platform/database';
import { MEASURES } from '../overview';

/** Beside the measures of the overview: seconds until handed over, seconds of calls, and answers to them. */
export const HANDOVER = 'handover';
export const LINE_CALLS = 'calls';
export const LINE_ANSWERS = 'answers';

/** One row of `traffic`, without its minute. */
export interface TrafficCount {
  measure: string;
  /** A channel or a line; empty for what belongs to none. */
  subject: string;
  /** A lane, or the code of an answer. */
  part: string;
  /** Of a histogram: seconds, at most; 0 for plain counts. */
  bound: number;
  count: number;
}

/** What one lane counted of one measure, minute by minute; minutes without anything are left out. */
export interface MinuteCounts {
  measure: string;
  /** The lane. */
  part: string;
  /** Minutes since 1970. */
  minutes: number[];
  /** One for each of the minutes. */
  counts: number[];
}

/** The same of one bucket of a histogram. */
export interface MinuteBuckets extends Omit<MinuteCounts, 'measure'> {
  bound: number;
}

const RETENTION = '7 days';

/** What all processes counted, a row per minute and kind. */
export function createTraffic(db: Queryable) {
  return {
    /** Adds to the running minute on PostgreSQL's clock. */
    async add(counts: TrafficCount[]): Promise<void> {
      if (counts.length === 0) return;
      // In one order everywhere: two processes that add to the same rows then wait, never in a circle.
      const ordered = counts.toSorted((a, b) => (trafficKey(a) < trafficKey(b) ? -1 : 1));
      await db.query(
        `INSERT INTO traffic (minute, measure, subject, part, bound, count)
         SELECT date_trunc('minute', now()), *
           FROM unnest($1::text[], $2::text[], $3::text[], $4::real[], $5::bigint[])
         ON CONFLICT (measure, minute, subject, part, bound) DO UPDATE SET count = traffic.count + EXCLUDED.count`,
        [
          ordered.map(({ measure }) => measure),
          ordered.map(({ subject }) => subject),
          ordered.map(({ part }) => part),
          ordered.map(({ bound }) => bound),
          ordered.map(({ count }) => count),
        ],
      );
    },

    /** Plain counts of the last sixty minutes, the running one included. */
    async perMinute(measures: readonly string[]): Promise<MinuteCounts[]> {
      return db.query<MinuteCounts & Record<string, unknown>>(
        `SELECT measure, part, array_agg(minute) AS minutes, array_agg(count) AS counts
           FROM (SELECT measure, part, (extract(epoch FROM minute) / 60)::int AS minute, sum(count)::float8 AS count
                   FROM traffic WHERE measure = ANY($1) AND minute > now() - interval '1 hour'
                  GROUP BY measure, part, minute) counted
          GROUP BY measure, part`,
        [measures],
      );
    },

    /** The histogram of one measure in the last sixty minutes, over all its subjects. */
    async histogramPerMinute(measure: string): Promise<MinuteBuckets[]> {
      return db.query<MinuteBuckets & Record<string, unknown>>(
        `SELECT part, bound, array_agg(minute) AS minutes, array_agg(count) AS counts
           FROM (SELECT part, bound, (extract(epoch FROM minute) / 60)::int AS minute, sum(count)::float8 AS count
                   FROM traffic WHERE measure = $1 AND minute > now() - interval '1 hour'
                  GROUP BY part, bound, minute) counted
          GROUP BY part, bound`,
        [measure],
      );
    },

    /** The sums of the last sixty minutes. */
    async lastHour(measures: readonly string[]): Promise<TrafficCount[]> {
      return db.query<TrafficCount & Record<string, unknown>>(
        `SELECT measure, subject, part, bound, sum(count)::float8 AS count FROM traffic
          WHERE measure = ANY($1) AND minute > now() - interval '1 hour' GROUP BY measure, subject, part, bound`,
        [measures],
      );
    },

    /** Removes rows nobody looks at any more, up to `limit` of each measure. Returns how many. */
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

/** Names a row within its minute. */
export const trafficKey = ({ measure, subject, part, bound }: TrafficCount): string =>
  [measure, subject, part, bound].join(' ');
