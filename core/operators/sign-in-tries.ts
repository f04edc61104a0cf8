import { createHash } from 'node:crypto';
import type { Queryable } from '../platform/database';

/** Wrong passwords in a row until a name is locked, and minutes of the first lock; each further one doubles it. */
const MAX_WRONG_TRIES = 5;
const FIRST_LOCK_MINUTES = 1;
const MAX_LOCK_MINUTES = 60;
/** After that long without a try, the next wrong one is a first one again. */
const TRIES_RESET_AFTER = '1 day';

const hashOf = (name: string): Buffer => createHash('sha256').update(name).digest();

/**
 * Wrong passwords by the name that was typed, and what comes of them. In PostgreSQL: the same for every
 * process. Names nobody has are locked as well, so that being locked tells nothing.
 */
export function createSignInTries(db: Queryable) {
  return {
    async isLocked(name: string): Promise<boolean> {
      const rows = await db.query(
        'SELECT FROM operator_tries WHERE name_hash = $1 AND locked_until > now()',
        [hashOf(name)],
      );
      return rows.length > 0;
    },

    /** Counts a wrong password. One that was being looked at while the name was locked counts for nothing. */
    async countWrong(name: string): Promise<void> {
      await db.query(
        `WITH forgotten AS (
           DELETE FROM operator_tries WHERE tried_at < now() - interval '${TRIES_RESET_AFTER}' AND name_hash <> $1)
         INSERT INTO operator_tries AS tries (name_hash, wrong_in_a_row) VALUES ($1, 1)
         ON CONFLICT (name_hash) DO UPDATE
           SET wrong_in_a_row = ${WRONG_COUNT_SQL}, tried_at = now(),
               locked_until = CASE WHEN ${WRONG_COUNT_SQL} >= $2 THEN now() + make_interval(mins =>
                 least($4, $3 * 2 ^ least(${WRONG_COUNT_SQL} - $2, 10))::int) END
         WHERE coalesce(tries.locked_until <= now(), true)`,
        [hashOf(name), MAX_WRONG_TRIES, FIRST_LOCK_MINUTES, MAX_LOCK_MINUTES],
      );
    },

    /**
     * Forgets the wrong ones, unless the name was locked by others while the right one was being looked at.
     *
     * @returns whether it was not
     */
    async reset(name: string): Promise<boolean> {
      const [row] = await db.query<{ locked: boolean }>(
        `WITH forgotten AS (
           DELETE FROM operator_tries WHERE name_hash = $1 AND coalesce(locked_until <= now(), true))
         SELECT EXISTS (SELECT FROM operator_tries WHERE name_hash = $1 AND locked_until > now()) AS locked`,
        [hashOf(name)],
      );
      return !row?.locked;
    },

    /** Unlocks a name. */
    async unlock(name: string): Promise<void> {
      await db.query('DELETE FROM operator_tries WHERE name_hash = $1', [hashOf(name)]);
    },
  };
}

const WRONG_COUNT_SQL = `CASE WHEN tries.tried_at < now() - interval '${TRIES_RESET_AFTER}' THEN 1
                      ELSE least(tries.wrong_in_a_row + 1, 1000) END`;
