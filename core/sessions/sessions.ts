import { createHash, randomBytes } from 'node:crypto';
import type { Queryable } from '../platform/database';

/** A session as the pages know it. */
export interface OpenSession {
  sessionId: string;
  employerId: string;
  nationalId: string;
  name: string;
  /** The mobile its login code went to, +989…; for a legal entity, its representative's. */
  mobile: string;
}

/** A session nobody uses ends after this long, and any session after the other, whatever happens. */
export const IDLE_TIMEOUT = '30 minutes';
export const ABSOLUTE_TIMEOUT = '8 hours';
/** A session in use is noted this often, so that reading a page seldom writes. */
export const LAST_USE_WRITE_INTERVAL = '30 seconds';

const LIVE_SESSION_SQL = `s.ended_at IS NULL AND s.used_at > now() - interval '${IDLE_TIMEOUT}'
            AND s.started_at > now() - interval '${ABSOLUTE_TIMEOUT}'`;

/** The one form in which a token is kept: whoever reads the database cannot use a session. */
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();

/** Who is signed in. PostgreSQL knows a session by the SHA-256 of its token, and its clock decides. */
export function createSessions(db: Queryable) {
  return {
    /** Begins a session. @returns its token: 256 random bits, base64url, kept nowhere else */
    async start({ employerId, mobile }: Pick<OpenSession, 'employerId' | 'mobile'>): Promise<string> {
      const token = randomBytes(32).toString('base64url');
      await db.query('INSERT INTO sessions (token_hash, employer_id, mobile) VALUES ($1, $2, $3)', [
        hashToken(token),
        employerId,
        mobile,
      ]);
      return token;
    },

    /**
     * The living session of a token, or null. One whose employer has another mobile in the register by now is
     * over: it proves who held the former one.
     */
    async find(token: string): Promise<OpenSession | null> {
      const [row] = await db.query<OpenSession>(
        `WITH found AS (
           SELECT s.id, s.used_at, s.employer_id, e.national_id, e.name, s.mobile
             FROM sessions s JOIN employers e ON e.id = s.employer_id AND e.mobile = s.mobile
            WHERE s.token_hash = $1 AND ${LIVE_SESSION_SQL}),
         noted AS (
           UPDATE sessions SET used_at = now()
            WHERE id = (SELECT id FROM found WHERE used_at < now() - interval '${LAST_USE_WRITE_INTERVAL}'))
         SELECT id AS "sessionId", employer_id AS "employerId", national_id AS "nationalId", name, mobile
           FROM found`,
        [hashToken(token)],
      );
      return row ?? null;
    },

    /** Ends the session of a token, for every copy of it. */
    async end(token: string): Promise<void> {
      await db.query('UPDATE sessions SET ended_at = now() WHERE token_hash = $1 AND ended_at IS NULL', [
        hashToken(token),
      ]);
    },

    /** Ends every session of an employer, on whatever device. */
    async endAll(employerId: string): Promise<void> {
      await db.query('UPDATE sessions SET ended_at = now() WHERE employer_id = $1 AND ended_at IS NULL', [
        employerId,
      ]);
    },
  };
}
