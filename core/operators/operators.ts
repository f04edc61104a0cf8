import type { Queryable } from '../platform/database';
import { Refusal } from '../platform/errors';
import { statement } from '../platform/statement';
import { dummyHash, generatePassword, hashPassword, SCRYPT_COST, verifyPassword } from './passwords';
import { createSignInTries } from './sign-in-tries';

/** A viewer may look, an operator may also act. */
export const OPERATOR_ROLES = ['viewer', 'operator'] as const;
export type OperatorRole = (typeof OPERATOR_ROLES)[number];

export interface Operator {
  id: number;
  name: string;
  role: OperatorRole;
}

export const isOperatorName = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text);

const FIND_OPERATOR = statement<Operator & { passwordHash: string }>(
  'find-operator',
  'SELECT id, name, role, password_hash AS "passwordHash" FROM operators WHERE name = :name AND removed_at IS NULL',
  { id: 'int4', name: 'text', role: 'text', passwordHash: 'text' },
);

const LIST_OPERATORS = statement<Pick<Operator, 'name' | 'role'>>(
  'list-operators',
  'SELECT name, role FROM operators WHERE removed_at IS NULL ORDER BY name',
  { name: 'text', role: 'text' },
);

/**
 * Keeps the operators, who sign in with a name and a password.
 *
 * @param scryptCost the cost of new password hashes; tests set a low one
 */
export function createOperators(db: Queryable, { scryptCost = SCRYPT_COST } = {}) {
  const tries = createSignInTries(db);
  return {
    /**
     * Adds an operator, or gives an existing one another role and a new password. Earlier sessions of the name end.
     *
     * @returns the password, which is stored only as a hash
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
        [name, role, await hashPassword(password, scryptCost)],
      );
      await tries.unlock(name);
      return { name, password };
    },

    /**
     * Returns the operator with this name and password.
     *
     * @throws Refusal `unauthorized` when either of the two is wrong; `locked_out` after too many wrong passwords in a row,
     *   even for the right one; `rate_limited` while too many others sign in
     */
    async signIn(name: string, password: string): Promise<Operator> {
      if (await tries.isLocked(name)) throw lockedOut();
      const [found] = await db.query(FIND_OPERATOR, { name });
      const isRight = await verifyPassword(password, found?.passwordHash ?? dummyHash(scryptCost));
      if (!found || !isRight) {
        await tries.countWrong(name);
        throw new Refusal('unauthorized', 'The name or the password is wrong.');
      }
      if (!(await tries.reset(name))) throw lockedOut();
      return { id: found.id, name: found.name, role: found.role };
    },

    list: (): Promise<Pick<Operator, 'name' | 'role'>[]> => db.query(LIST_OPERATORS),

    /** Removes an operator; their sessions end at once. Returns whether there was one of this name. */
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
