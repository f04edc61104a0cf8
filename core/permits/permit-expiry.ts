import type { Queryable } from '../platform/database';
import { type Statement, statement } from '../platform/statement';

/**
 * Marks permits that are over as expired. Nothing breaks when this runs late: each use of a permit compares `expires_at` with
 * PostgreSQL's clock. Rows that another transaction holds are skipped.
 */
export function createPermitExpiry(db: Queryable) {
  const count = async (
    expire: Statement<{ count: number }>,
    values: Record<string, unknown>,
  ): Promise<number> => {
    const [row] = await db.query(expire, values);
    return row?.count ?? 0;
  };
  return {
    /** Expires the permits of these outbox rows that are over, and completes their work. Returns how many. */
    expire: (outboxIds: string[]): Promise<number> => count(EXPIRE_DUE_PERMITS, { outboxIds }),

    /** Expires the permit of a notice if it is over. Returns how many, 0 or 1. */
    expireForNotice: (noticeId: string): Promise<number> => count(EXPIRE_PERMIT_OF_NOTICE, { noticeId }),

    /** Expires up to `limit` permits that have been over for five minutes: their work was lost. Returns how many. */
    expireMissed: (limit = 1_000): Promise<number> => count(EXPIRE_MISSED_PERMITS, { limit }),

    /**
     * Handles the rest of a set: completes the work of permits that ended otherwise, and puts off the work of those that still
     * hold, or that an inquiry holds just now (the relay looks again after a second).
     */
    async completeOrRequeue(outboxIds: string[]): Promise<void> {
      await db.query(COMPLETE_OR_REQUEUE, { outboxIds });
    },
  };
}

const IS_OVER_SQL = `p.state = 'active' AND p.expires_at <= now()`;

/** Writes `at` as JavaScript's `toISOString` does. */
const isoSql = (at: string) => `to_char(${at} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Ends the permits that `due` selects, records the events and removes the work: one statement, whatever the size of the set. */
const expireStatement = (name: string, due: string) =>
  statement<{ count: number }>(
    name,
    `WITH due AS (${due}),
     ended AS (
       UPDATE permits p SET state = 'expired', ended_at = p.expires_at, passcode_cipher = NULL
         FROM due WHERE p.id = due.id
       RETURNING p.id, p.source_id, p.notice_id, p.expires_at),
     event AS (
       INSERT INTO events (source_id, type, notice_id, actor, data)
       SELECT source_id, 'permit.expired', notice_id, 'system',
              format('{"expiresAt":"%s","permitId":"%s"}', ${isoSql('expires_at')}, id)::json FROM ended),
     work AS (
       DELETE FROM outbox o USING ended WHERE o.queue = 'permits' AND o.subject_ids[1] = ended.id)
     SELECT count(*)::int AS count FROM ended`,
    { count: 'int4' },
  );

const EXPIRE_DUE_PERMITS = expireStatement(
  'expire-due-permits',
  `SELECT p.id FROM outbox o JOIN permits p ON p.id = o.subject_ids[1]
    WHERE o.id = ANY(:outboxIds::bigint[]) AND o.queue IS NOT DISTINCT FROM 'permits' AND ${IS_OVER_SQL}
    ORDER BY p.id FOR NO KEY UPDATE OF p SKIP LOCKED`,
);

const EXPIRE_PERMIT_OF_NOTICE = expireStatement(
  'expire-permit-of-notice',
  `SELECT p.id FROM permits p WHERE p.notice_id = :noticeId AND ${IS_OVER_SQL} FOR NO KEY UPDATE OF p`,
);

const EXPIRE_MISSED_PERMITS = expireStatement(
  'expire-missed-permits',
  `SELECT p.id FROM permits p WHERE p.state = 'active' AND p.expires_at <= now() - interval '5 minutes'
    ORDER BY p.expires_at LIMIT :limit FOR NO KEY UPDATE OF p SKIP LOCKED`,
);

const COMPLETE_OR_REQUEUE = statement(
  'complete-or-requeue-permits',
  `WITH rest AS (
     SELECT o.id, p.state FROM outbox o JOIN permits p ON p.id = o.subject_ids[1]
      WHERE o.id = ANY(:outboxIds::bigint[]) AND o.queue IS NOT DISTINCT FROM 'permits'),
   requeued AS (
     UPDATE outbox o SET relay_at = greatest(o.run_at, now() + interval '1 second')
       FROM rest WHERE o.id = rest.id AND rest.state = 'active')
   DELETE FROM outbox o USING rest WHERE o.id = rest.id AND rest.state <> 'active'`,
  {},
);
