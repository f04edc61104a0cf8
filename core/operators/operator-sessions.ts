import type { Queryable } from '../platform/database';
import { statement } from '../platform/statement';
import { generateToken, hashToken, LAST_USE_WRITE_INTERVAL, LIVE_SESSION_SQL } from '../sessions/sessions';
import type { Operator } from './operators';

const FIND_OPERATOR_SESSION = statement<Operator>(
  'find-operator-session',
  `WITH found AS (
     SELECT s.token_hash, s.used_at, o.id, o.name, o.role
       FROM operator_sessions s JOIN operators o ON o.id = s.operator_id AND o.removed_at IS NULL
      WHERE s.token_hash = :tokenHash AND ${LIVE_SESSION_SQL}),
   touched AS (
     UPDATE operator_sessions SET used_at = now()
      WHERE token_hash = (SELECT token_hash FROM found WHERE used_at < now() - interval '${LAST_USE_WRITE_INTERVAL}'))
   SELECT id, name, role FROM found`,
  { id: 'int4', name: 'text', role: 'text' },
);

/** Keeps the operators' sessions, by the same rules as those of employers but in a table of their own. */
export function createOperatorSessions(db: Queryable) {
  return {
    /** Starts a session. @returns its token, stored nowhere else */
    async start(operatorId: number): Promise<string> {
      const token = generateToken();
      await db.query('INSERT INTO operator_sessions (token_hash, operator_id) VALUES ($1, $2)', [
        hashToken(token),
        operatorId,
      ]);
      return token;
    },

    /** Returns the operator of a live session, with their present role; null when the session is not live. */
    async find(token: string): Promise<Operator | null> {
      const [operator] = await db.query(FIND_OPERATOR_SESSION, { tokenHash: hashToken(token) });
      return operator ?? null;
    },

    async end(token: string): Promise<void> {
      await db.query(
        'UPDATE operator_sessions SET ended_at = now() WHERE token_hash = $1 AND ended_at IS NULL',
        [hashToken(token)],
      );
    },
  };
}
