import type { Queryable } from '../platform/database';
import { Refusal } from '../platform/errors';
import { DUMMY_HASH, generatePassword, hashPassword, verifyPassword } from './passwords';
import { createSignInTries } from './sign-in-tries';

/** A viewer sees, an operator also acts. */
export const OPERATOR_ROLES = ['viewer', 'operator'] as const;
export type OperatorRole = (typeof OPERATOR_ROLES)[number];

export interface Operator {
  id: number;
  name: string;
  role: OperatorRole;
}

export const isOperatorName = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text);

/** The people who run the system, by name and password. */
export function createOperators(db: Queryable) {
  const tries = createSignInTries(db);
  return {
    /**
     * Lets somebody in, or gives somebody who is in already another role and a new password; sessions they had
     * are over.
     *
     * @returns the password, kept nowhere
     */
    async add(name: string, role: OperatorRole): Promise<{ name: string; password: string }> {
      const password = generatePassword();
      await db.query(
        `WITH added AS (
           INSERT INTO operators (name, role, password_hash) VALUES ($1, $2, $3)
           ON CONFLICT (name) DO UPDATE
             SET role = excluded.role, password_hash = excluded.password_hash, removed_at = NULL
           RETURNING id)
         UPDATE operator_sessions SET ended_at = now()
          WHERE operator_id IN (SELECT id FROM added) AND ended_at IS NULL`,
        [name, role, await hashPassword(password)],
      );
      await tries.unlock(name);
      return { name, password };
    },

    /**
     * Who has this name and password.
     *
     * @throws Refusal `unauthorized` for a wrong pair, whichever of the two is wrong; `locked_out` after too many
     *   wrong passwords in a row, also for the right one; `rate_limited` while too many others sign in
     */
    async signIn(name: string, password: string): Promise<Operator> {
      if (await tries.isLocked(name)) throw lockedOut();
      const [found] = await db.query<Operator & { passwordHash: string }>(
        'SELECT id, name, role, password_hash AS "passwordHash" FROM operators WHERE name = $1 AND removed_at IS NULL',
        [name],
      );
      const right = await verifyPassword(password, found?.passwordHash ?? DUMMY_HASH);
      if (!found || !right) {
        await tries.countWrong(name);
        throw new Refusal('unauthorized', 'The name or the password is wrong.');
      }
      if (!(await tries.reset(name))) throw lockedOut();
      return { id: found.id, name: found.name, role: found.role };
    },

    async list(): Promise<{ name: string; role: OperatorRole }[]> {
      return db.query('SELECT name, role FROM operators WHERE removed_at IS NULL ORDER BY name');
    },

    /** Lets somebody in no longer, from this moment. Returns whether there was one. */
    async remove(name: string): Promise<boolean> {
      const rows = await db.query(
        'UPDATE operators SET removed_at = now() WHERE name = $1 AND removed_at IS NULL RETURNING 1',
        [name],
      );
      return rows.length > 0;
    },
  };
}

const lockedOut = () => new Refusal('locked_out', 'Too many wrong passwords: try again later.');
