import { setTimeout } from 'node:timers/promises';
import type { Queryable } from './database';
import { Unavailable } from './errors';

/** Milliseconds. An outage of PostgreSQL that is longer is left to whoever finds the work undone. */
const MAX_OUTAGE_MS = 60_000;
const RETRY_INTERVAL_MS = 500;

/**
 * A Queryable for what stands between a claim and its settlement, where giving up would leave messages in doubt: a
 * statement that PostgreSQL could not take is given to it again until it does.
 *
 * One that was committed while its answer was lost runs twice, so it must be safe to repeat. It has to be a
 * statement of its own: a transaction cannot be taken up again.
 *
 * @param longest milliseconds from the first failure after which the statement fails after all
 * @throws Unavailable when PostgreSQL stays away for longer
 */
export function retryWhileUnavailable(db: Queryable, longest = MAX_OUTAGE_MS): Queryable {
  return {
    async query(sql, values) {
      for (let end = Number.POSITIVE_INFINITY; ; ) {
        try {
          return await db.query(sql, values);
        } catch (error) {
          end = Math.min(end, Date.now() + longest);
          if (!(error instanceof Unavailable) || Date.now() + RETRY_INTERVAL_MS > end) throw error;
          await setTimeout(RETRY_INTERVAL_MS);
        }
      }
    },
  };
}
