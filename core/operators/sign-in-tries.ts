import { createHash } from 'node:crypto';
import type { Queryable } from '../platform/database';
import { statement } from '../platform/statement';

/** Wrong passwords in a row until a name is locked. Each further one doubles the lock, up to the maximum. */
const MAX_WRONG_TRIES = 5;
const FIRST_LOCK_MINUTES = 1;
const MAX_LOCK_MINUTES = 60;
/** After this long without a try, counting starts again at one. */
const TRIES_RESET_AFTER = '1 day';

const hashOf = (name: string): Buffer => createHash('sha256').update(name).digest();

/** The count after one more wrong password. */
const WRONG_COUNT_SQL = `CASE WHEN tries.tried_at < now() - interval '${TRIES_RESET_AFTER}' THEN 1
                              ELSE least(tries.wrong_in_a_row + 1, 1000) END`;

const COUNT_WRONG_SIGN_IN = statement(
  'count-wrong-sign-in',
  `WITH purged AS (
     DELETE FROM operator_tries WHERE tried_at < now() - interval '${TRIES_RESET_AFTER}' AND name_hash <> :nameHash)
   INSERT INTO operator_tries AS tries (name_hash, wrong_in_a_row) VALUES (:nameHash, 1)
   ON CONFLICT (name_hash) DO UPDATE
     SET wrong_in_a_row = ${WRONG_COUNT_SQL}, tried_at = now(),
         locked_until = CASE WHEN ${WRONG_COUNT_SQL} >= :maxWrongTries::int THEN now() + make_interval(mins =>
           least(:maxLockMinutes::int,
                 :firstLockMinutes::int * 2 ^ least(${WRONG_COUNT_SQL} - :maxWrongTries::int, 10))::int) END
   WHERE coalesce(tries.locked_until <= now(), true)`,
  {},
);

const RESET_SIGN_IN_TRIES = statement<{ locked: boolean }>(
  'reset-sign-in-tries',
  `WITH purged AS (
     DELETE FROM operator_tries WHERE name_hash = :nameHash AND coalesce(locked_until <= now(), true))
   SELECT EXISTS (SELECT FROM operator_tries WHERE name_hash = :nameHash AND locked_until > now()) AS locked`,
  { locked: 'bool' },
);

/**
 * Counts wrong passwords by the name typed, and locks the name. The counts are in PostgreSQL, so that all processes share
 * them. Names without an operator are locked as well, so that a lock does not reveal which names exist.
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

    /** Counts a wrong password, unless the name was locked while the password was being checked. */
    async countWrong(name: string): Promise<void> {
      await db.query(COUNT_WRONG_SIGN_IN, {
        nameHash: hashOf(name),
        maxWrongTries: MAX_WRONG_TRIES,
        firstLockMinutes: FIRST_LOCK_MINUTES,
        maxLockMinutes: MAX_LOCK_MINUTES,
      });
    },

    /**
     * Resets the count after a right password, unless wrong ones locked the name while the right one was being checked.
     *
     * @returns whether the name is not locked
     */
    async reset(name: string): Promise<boolean> {
      const [row] = await db.query(RESET_SIGN_IN_TRIES, { nameHash: hashOf(name) });
      return !row?.locked;
    },

    async unlock(name: string): Promise<void> {
      await db.query('DELETE FROM operator_tries WHERE name_hash = $1', [hashOf(name)]);
    },
  };
}
