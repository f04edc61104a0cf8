import type { Queryable } from '../platform/database';
import { statement } from '../platform/statement';
import type { SendOutcome } from './outcomes';

/** The number of calls in a row that fail until the circuit of a line is tripped. */
const TRIP_AFTER_FAILURES = 5;
/** Seconds a tripped circuit holds calls back: at first, and at most. Each failed probe doubles them. */
const FIRST_TRIP_SECONDS = 10;
const MAX_TRIP_SECONDS = 300;
/** Seconds a probe belongs to one process. A call takes less, so there is only one probe at a time. */
const PROBE_LEASE_SECONDS = 45;

/** The results of calls over a line. */
export interface CallStats {
  /** Whether any call was answered, whatever the answer. */
  answered: boolean;
  /** The number of calls that failed after the last one that was answered. */
  failed: number;
}

/** No call was made. */
export const NO_CALLS: CallStats = { answered: false, failed: 0 };
/** One call was answered, whatever the answer. */
export const ONE_ANSWERED: CallStats = { answered: true, failed: 0 };
export const ONE_FAILED: CallStats = { answered: false, failed: 1 };

const TAKE_PROBE = statement<{ token: string }>(
  'take-probe',
  `UPDATE lines SET broken_until = now() + interval '${PROBE_LEASE_SECONDS} seconds'
    WHERE name = :line AND broken_until <= now() RETURNING broken_until::text AS token`,
  { token: 'text' },
);

const CLOSE_CIRCUIT = statement(
  'close-circuit',
  `UPDATE lines SET broken_until = NULL, failures = 0, failed_probes = 0
    WHERE name = :line AND broken_until = :token RETURNING 1`,
  {},
);

const PROLONG_TRIP = statement(
  'prolong-trip',
  `UPDATE lines
      SET broken_until = now() + make_interval(secs => least(${MAX_TRIP_SECONDS}, ${FIRST_TRIP_SECONDS} * 2 ^ (failed_probes + 1))),
          failed_probes = least(failed_probes + 1, 10)
    WHERE name = :line AND broken_until = :token RETURNING 1`,
  {},
);

const FAILURES_SQL = '(CASE WHEN :answered::boolean THEN 0 ELSE failures END + :failed::int)';

const RECORD_CALLS = statement<{ tripped: boolean }>(
  'record-calls',
  `UPDATE lines
      SET failures = least(${FAILURES_SQL}, ${TRIP_AFTER_FAILURES}),
          broken_until = CASE WHEN ${FAILURES_SQL} >= ${TRIP_AFTER_FAILURES}
                              THEN now() + interval '${FIRST_TRIP_SECONDS} seconds' END
    WHERE name = :line AND broken_until IS NULL RETURNING broken_until IS NOT NULL AS tripped`,
  { tripped: 'bool' },
);

/**
 * The circuit breaker of a line, shared by all processes through the line's row in PostgreSQL. A tripped circuit holds calls
 * back for a while; then one process gets to try one message, which decides for all.
 *
 * While calls work nothing is written: a sender has read the health of the line before.
 */
export function createCircuitBreaker(db: Queryable) {
  return {
    /** Takes the probe of a line whose circuit was tripped long enough. Returns its token for one process, null for the others. */
    async takeProbe(line: string): Promise<string | null> {
      const rows = await db.query(TAKE_PROBE, { line });
      return rows[0]?.token ?? null;
    },

    /** Gives back a probe that was not made, so that another process may make it at once. */
    async releaseProbe(line: string, token: string): Promise<void> {
      await db.query('UPDATE lines SET broken_until = now() WHERE name = $1 AND broken_until = $2', [
        line,
        token,
      ]);
    },

    /** Ends a probe. Returns false for a probe that took longer than its lease: it decides nothing any more. */
    async endProbe(line: string, token: string, works: boolean): Promise<boolean> {
      const rows = await db.query(works ? CLOSE_CIRCUIT : PROLONG_TRIP, { line, token });
      return rows.length > 0;
    },

    /** Records the results of calls. Returns whether they tripped the circuit. */
    async record(line: string, { answered, failed }: CallStats): Promise<boolean> {
      const rows = await db.query(RECORD_CALLS, { line, answered, failed });
      return rows[0]?.tripped ?? false;
    },
  };
}

/**
 * Whether an outcome shows that the provider could not be reached or did not answer. A refusal is an answer,
 * and so is an answer that leaves the message out.
 */
const isUnanswered = ({ outcome, code }: SendOutcome): boolean =>
  outcome === 'not_sent' || (outcome === 'unknown' && code !== 'no_entry' && !/^[1-4]\d\d$/.test(code));

/** Gives the stats of one call: it failed if it did for all of its messages. */
export const callStats = (outcomes: SendOutcome[]): CallStats =>
  outcomes.every(isUnanswered) ? ONE_FAILED : ONE_ANSWERED;

/** Merges the stats of calls that were made one after the other. */
export const mergeStats = (first: CallStats, then: CallStats): CallStats =>
  then.answered ? then : { answered: first.answered, failed: first.failed + then.failed };

/** Whether enough calls failed in a row to trip the circuit: no further call should begin. */
export const isTripped = ({ failed }: CallStats): boolean => failed >= TRIP_AFTER_FAILURES;
