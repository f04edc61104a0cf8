import { setTimeout } from 'node:timers/promises';
import type { Queryable } from './database';
import { Unavailable } from './errors';

/** Longest outage of PostgreSQL to wait for. After a longer one, the relay publishes the unfinished work again. */
const MAX_OUTAGE_MS = 60_000;
const RETRY_INTERVAL_MS = 500;

/**
 * Returns a Queryable that repeats a statement until PostgreSQL takes it. It is for the statements between a claim and its settlement,
 * where giving up would leave messages in doubt.
 *
 * A statement that was committed while its answer was lost runs twice, so each must be safe to repeat. Transactions cannot be
 * continued, so each must stand alone.
 *
 * @param maxOutageMs time from the first failure after which the statement fails after all
 * @throws Unavailable when PostgreSQL stays unreachable for longer
 */
export function retryWhileUnavailable(db: Queryable, maxOutageMs = MAX_OUTAGE_MS): Queryable {
  return {
    async query(statement, values) {
      for (let end = Number.POSITIVE_INFINITY; ; ) {
        try {
          return await db.query(statement, values);
        } catch (error) {
          end = Math.min(end, Date.now() + maxOutageMs);
          if (!(error instanceof Unavailable) || Date.now() + RETRY_INTERVAL_MS > end) throw error;
          await setTimeout(RETRY_INTERVAL_MS);
        }
      }
    },
  };
}
