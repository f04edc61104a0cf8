import type { Queryable } from '../platform/database';
import type { SendOutcome } from './outcomes';

/** Calls that fail in a row until a line counts as broken. */
const TRIP_AFTER_FAILURES = 5;
/** Seconds a line that broke is left alone: at first, and at most. Each failed probe doubles them. */
const FIRST_TRIP_SECONDS = 10;
const MAX_TRIP_SECONDS = 300;
/** Seconds a probe is one process's own. Longer than a call may take, so that there is only one at a time. */
const PROBE_LEASE_SECONDS = 45;

/** What calls over a line came to. */
export interface CallStats {
  /** Whether any was answered, whatever the answer. */
  answered: boolean;
  /** How many failed after the last one that was answered. */
  failed: number;
}

/** No call was made. */
export const NO_CALLS: CallStats = { answered: false, failed: 0 };
/** A call was answered, whatever the answer. */
export const ONE_ANSWERED: CallStats = { answered: true, failed: 0 };
export const ONE_FAILED: CallStats = { answered: false, failed: 1 };

/**
 * Leaves a line alone whose calls fail, for all processes: the state stands in the line's row in PostgreSQL.
 * When its time is over one process gets to try one message; that decides for all.
 *
 * While calls work nothing is written: whoever sends has read how the line fares before.
 */
export function createCircuitBreaker(db: Queryable) {
  return {
    /** Asks for the probe of a line whose time is over. Returns its token for one, and null for the others. */
    async takeProbe(line: string): Promise<string | null> {
      const rows = await db.query<{ token: string }>(
        `UPDATE lines SET broken_until = now() + make_interval(secs => $2)
          WHERE name = $1 AND broken_until <= now() RETURNING broken_until::text AS token`,
        [line, PROBE_LEASE_SECONDS],
      );
      return rows[0]?.token ?? null;
    },

    /** Gives a probe back that was not made: another may make it at once. */
    async releaseProbe(line: string, token: string): Promise<void> {
      await db.query('UPDATE lines SET broken_until = now() WHERE name = $1 AND broken_until = $2', [
        line,
        token,
      ]);
    },

    /** Ends a probe. Returns false for one that took longer than its lease: it decides nothing any more. */
    async endProbe(line: string, token: string, works: boolean): Promise<boolean> {
      const set = works
        ? 'broken_until = NULL, failures = 0, failed_probes = 0'
        : `broken_until = now() + make_interval(secs => least(${MAX_TRIP_SECONDS}, ${FIRST_TRIP_SECONDS} * 2 ^ (failed_probes + 1))),
           failed_probes = least(failed_probes + 1, 10)`;
      const rows = await db.query(
        `UPDATE lines SET ${set} WHERE name = $1 AND broken_until = $2 RETURNING 1`,
        [line, token],
      );
      return rows.length > 0;
    },

    /** Notes what calls came to. Returns whether that was what broke the line. */
    async record(line: string, { answered, failed }: CallStats): Promise<boolean> {
      const failures = answered ? '$2::int' : 'failures + $2::int';
      const rows = await db.query<{ broken: boolean }>(
        `UPDATE lines SET failures = least(${failures}, ${TRIP_AFTER_FAILURES}),
                broken_until = CASE WHEN ${failures} >= ${TRIP_AFTER_FAILURES} THEN now() + make_interval(secs => ${FIRST_TRIP_SECONDS}) END
          WHERE name = $1 AND broken_until IS NULL RETURNING broken_until IS NOT NULL AS broken`,
        [line, failed],
      );
      return rows[0]?.broken ?? false;
    },
  };
}

/**
 * Whether an outcome shows that the provider could not be reached or did not answer. A refusal is an answer,
 * and so is one that leaves the message out.
 */
const isUnanswered = ({ outcome, code }: SendOutcome): boolean =>
  outcome === 'not_sent' || (outcome === 'unknown' && code !== 'no_entry' && !/^[1-4]\d\d$/.test(code));

/** One call: it failed if it did for all of its messages. */
export const callStats = (outcomes: SendOutcome[]): CallStats =>
  outcomes.every(isUnanswered) ? ONE_FAILED : ONE_ANSWERED;

/** Both together, in this order. */
export const mergeStats = (first: CallStats, then: CallStats): CallStats =>
  then.answered ? then : { answered: first.answered, failed: first.failed + then.failed };

/** Whether as many calls failed in a row as break a line: no further one should be begun. */
export const isTripped = ({ failed }: CallStats): boolean => failed >= TRIP_AFTER_FAILURES;
