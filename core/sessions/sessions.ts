import { createHash, randomBytes } from 'node:crypto';
import type { Queryable } from '../platform/database';
import { statement } from '../platform/statement';

/** A live session, with the employer it belongs to. */
export interface OpenSession {
  sessionId: string;
  employerId: string;
  nationalId: string;
  name: string;
  /** The mobile its login code went to, +989…; a legal entity's is its representative's. */
  mobile: string;
}

/** An unused session ends after the idle timeout, and any session after the absolute one. */
const IDLE_TIMEOUT = '30 minutes';
const ABSOLUTE_TIMEOUT = '8 hours';
/** The last use of a session is written this often only, so that reading a page seldom writes. */
export const LAST_USE_WRITE_INTERVAL = '30 seconds';

/** The condition that a session `s` is live; operators' sessions follow it too. */
export const LIVE_SESSION_SQL = `s.ended_at IS NULL AND s.used_at > now() - interval '${IDLE_TIMEOUT}'
            AND s.started_at > now() - interval '${ABSOLUTE_TIMEOUT}'`;

/** Compares the mobile with the register: a session proves only who held the mobile its code went to. */
const FIND_SESSION = statement<OpenSession>(
  'find-session',
  `WITH found AS (
     SELECT s.id, s.used_at, s.employer_id, e.national_id, e.name, s.mobile
       FROM sessions s JOIN employers e ON e.id = s.employer_id AND e.mobile = s.mobile
      WHERE s.token_hash = :tokenHash AND ${LIVE_SESSION_SQL}),
   touched AS (
     UPDATE sessions SET used_at = now()
      WHERE id = (SELECT id FROM found WHERE used_at < now() - interval '${LAST_USE_WRITE_INTERVAL}'))
   SELECT id AS "sessionId", employer_id AS "employerId", national_id AS "nationalId", name, mobile
     FROM found`,
  { sessionId: 'int8', employerId: 'int8', nationalId: 'text', name: 'text', mobile: 'text' },
);

/** Generates the token of a session: 256 random bits in base64url. */
export const generateToken = (): string => randomBytes(32).toString('base64url');

/** Hashes a token; the database holds the hash only, so that nobody who reads it can use a session. */
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();

/** Keeps the employers' sessions. PostgreSQL knows a session by the SHA-256 of its token, and its clock ends it. */
export function createSessions(db: Queryable) {
  return {
    /** Starts a session. @returns its token, stored nowhere else */
    async start({ employerId, mobile }: Pick<OpenSession, 'employerId' | 'mobile'>): Promise<string> {
      const token = generateToken();
      await db.query('INSERT INTO sessions (token_hash, employer_id, mobile) VALUES ($1, $2, $3)', [
        hashToken(token),
        employerId,
        mobile,
      ]);
      return token;
    },

    /** Returns the live session of a token, or null. A session ends when the register gets another mobile. */
    async find(token: string): Promise<OpenSession | null> {
      const [session] = await db.query(FIND_SESSION, { tokenHash: hashToken(token) });
      return session ?? null;
    },

    /** Ends the session of a token, for every copy of the token. */
    async end(token: string): Promise<void> {
      await db.query('UPDATE sessions SET ended_at = now() WHERE token_hash = $1 AND ended_at IS NULL', [
        hashToken(token),
      ]);
    },

    /** Ends every session of an employer, on all devices. */
    async endAll(employerId: string): Promise<void> {
      await db.query('UPDATE sessions SET ended_at = now() WHERE employer_id = $1 AND ended_at IS NULL', [
        employerId,
      ]);
    },
  };
}
