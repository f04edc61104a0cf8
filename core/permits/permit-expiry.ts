import type { Queryable } from '../platform/database';

/**
 * Tidies up permits that are over. Nothing depends on it being in time: whether a permit holds is asked of the
 * clock whenever it is used. One that another transaction is tidying up is passed over.
 */
export function createPermitExpiry(db: Queryable) {
  const expire = async (due: string, values: unknown[]): Promise<number> => {
    const [row] = await db.query<{ count: number }>(expireSql(due), values);
    return row?.count ?? 0;
  };
  return {
    /** Those of the set of outbox rows that are over. Returns how many. */
    expire: (outboxIds: string[]): Promise<number> =>
      expire(
        `SELECT p.id FROM outbox o JOIN permits p ON p.id = o.subject_ids[1]
          WHERE o.id = ANY($1::bigint[]) AND o.queue IS NOT DISTINCT FROM 'permits' AND ${IS_OVER_SQL}
          ORDER BY p.id FOR NO KEY UPDATE OF p SKIP LOCKED`,
        [outboxIds],
      ),

    /** The permit of a notice, if it is over. */
    expireForNotice: (noticeId: string): Promise<number> =>
      expire(`SELECT p.id FROM permits p WHERE p.notice_id = $1 AND ${IS_OVER_SQL} FOR NO KEY UPDATE OF p`, [
        noticeId,
      ]),

    /** Up to `limit` that have been over for five minutes: work that was missed. */
    expireMissed: (limit = 1_000): Promise<number> =>
      expire(
        `SELECT p.id FROM permits p WHERE p.state = 'active' AND p.expires_at <= now() - interval '5 minutes'
          ORDER BY p.expires_at LIMIT $1 FOR NO KEY UPDATE OF p SKIP LOCKED`,
        [limit],
      ),

    /**
     * Deals with the rest of a set: work of permits that ended otherwise goes, what is too early waits, and what
     * an inquiry held just now is looked at again in a moment.
     */
    async completeOrRequeue(outboxIds: string[]): Promise<void> {
      await db.query(
        `WITH rest AS (
           SELECT o.id, p.state FROM outbox o JOIN permits p ON p.id = o.subject_ids[1]
            WHERE o.id = ANY($1::bigint[]) AND o.queue IS NOT DISTINCT FROM 'permits'),
         living AS (
           UPDATE outbox o SET relay_at = greatest(o.run_at, now() + interval '1 second')
             FROM rest WHERE o.id = rest.id AND rest.state = 'active')
         DELETE FROM outbox o USING rest WHERE o.id = rest.id AND rest.state <> 'active'`,
        [outboxIds],
      );
    },
  };
}

const IS_OVER_SQL = `p.state = 'active' AND p.expires_at <= now()`;

/** `at` as `toISOString` writes it. */
const isoSql = (at: string) => `to_char(${at} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Permit, event and due work in one statement, whatever the size of the set. */
const expireSql = (due: string) => `
  WITH due AS (${due}),
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
  SELECT count(*)::int AS count FROM ended`;
