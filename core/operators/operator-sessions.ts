import { randomBytes } from 'node:crypto';
import type { Queryable } from '../platform/database';
import { ABSOLUTE_TIMEOUT, hashToken, IDLE_TIMEOUT, LAST_USE_WRITE_INTERVAL } from '../sessions/sessions';
import type { Operator } from './operators';

/** Which operators are signed in; the same rules as for employers, in a table of its own. */
export function createOperatorSessions(db: Queryable) {
  return {
    /** Begins a session. @returns its token: 256 random bits, base64url, kept nowhere else */
    async start(operatorId: number): Promise<string> {
      const token = randomBytes(32).toString('base64url');
      await db.query('INSERT INTO operator_sessions (token_hash, operator_id) VALUES ($1, $2)', [
        hashToken(token),
        operatorId,
      ]);
      return token;
    },

    /** Whose living session this is, with the role of this moment; null when there is none. */
    async find(token: string): Promise<Operator | null> {
      const [row] = await db.query<Operator & Record<string, unknown>>(
        `WITH found AS (
           SELECT s.token_hash, s.used_at, o.id, o.name, o.role
             FROM operator_sessions s JOIN operators o ON o.id = s.operator_id AND o.removed_at IS NULL
            WHERE s.token_hash = $1 AND s.ended_at IS NULL AND s.used_at > now() - interval '${IDLE_TIMEOUT}'
              AND s.started_at > now() - interval '${ABSOLUTE_TIMEOUT}'),
         noted AS (
           UPDATE operator_sessions SET used_at = now()
            WHERE token_hash = (SELECT token_hash FROM found WHERE used_at < now() - interval '${LAST_USE_WRITE_INTERVAL}'))
         SELECT id, name, role FROM found`,
        [hashToken(token)],
      );
      return row ?? null;
    },

    async end(token: string): Promise<void> {
      await db.query(
        'UPDATE operator_sessions SET ended_at = now() WHERE token_hash = $1 AND ended_at IS NULL',
        [hashToken(token)],
      );
    },
  };
}
