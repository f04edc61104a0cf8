import { FIRST_LINE } from '../channels/lines';
import type { Queryable } from '../platform/database';
import type { Channel, Lane, OutboxQueue } from '../platform/queues';

/** An alert that is this worker's to send, or to ask about. */
export interface ClaimedAlert {
  outboxId: string;
  /** How many alerts that row of the outbox is about. */
  workSize: number;
  alertId: string;
  attemptId: string;
  /** When it was claimed, on the clock of this process. */
  claimedAt: number;
  /** Names this very claim: whoever claims the alert later makes it void. */
  claim: string;
  /** How often it has been tried, this one included. */
  tries: number;
  noticeId: string;
  trackingNumber: string;
  lane: Lane;
  /** The line its attempt goes by. */
  line: string;
  /** Whether it goes by the template, because its recipient blocks the line. */
  byTemplate: boolean;
  address: string;
  text: string;
  /** Seconds since the notice was accepted, at the time of the claim; null for what is not its alert. */
  noticeAge: number | null;
  attemptAge: number;
  secondsToLive: number;
  /** Whether the attempt is on record already, as unknown; not so if its worker was lost before it could say. */
  wasUnknown: boolean;
}

/**
 * Seconds after which an alert still being sent is doubtful: its worker is dead, frozen, or cut off from PostgreSQL,
 * and too late to settle. Longer than a worker may take to send one set.
 */
export const STALE_CLAIM_SECONDS: Record<Channel, number> = { sms: 60, email: 90 };

/**
 * Claims of alerts: whoever claimed an alert, and nobody else, may send it. A claim is committed before a byte
 * leaves, and names the line the message goes by.
 */
export function createClaims(db: Queryable, channel: Channel) {
  return {
    /**
     * Claims those of the set that wait to be sent, each under the number of a new attempt that goes by `line`;
     * at most `limit` of them.
     */
    async claim(
      queue: OutboxQueue,
      outboxIds: string[],
      line: string,
      limit = Number.POSITIVE_INFINITY,
    ): Promise<ClaimedAlert[]> {
      const some = Number.isFinite(limit);
      const rows = await db.query<Omit<ClaimedAlert, 'claimedAt'>>(
        `${some ? FIRST_CLAIMABLE_SQL : ''}
         UPDATE alerts a
            SET state = 'sending', line = $3, attempt_id = nextval('attempt_ids'), attempt_at = now(),
                attempt_count = a.attempt_count + 1, claimed_at = now()
           FROM outbox o, unnest(o.subject_ids) AS due(alert_id), notices n
          WHERE o.id = ANY($1::bigint[]) AND ${stillInQueueSql('$2')} AND a.id = due.alert_id AND n.id = a.notice_id
            AND a.state = 'queued' AND a.expires_at > now() ${some ? 'AND a.id = ANY(ARRAY(SELECT id FROM first))' : ''}
         RETURNING false AS "wasUnknown", ${CLAIMED_COLUMNS_SQL}`,
        some ? [outboxIds, queue, line, limit] : [outboxIds, queue, line],
      );
      return withClaimTime(rows);
    },

    /** How many alerts of the set wait to be sent. */
    async countClaimable(queue: OutboxQueue, outboxIds: string[]): Promise<number> {
      const [row] = await db.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM outbox o, unnest(o.subject_ids) AS due(alert_id), alerts a
          WHERE ${CLAIMABLE_SQL}`,
        [outboxIds, queue],
      );
      return row?.count ?? 0;
    },

    /**
     * Leaves what was not claimed for later, next in turn: of work of which a part was claimed the rest becomes
     * work of its own, so that neither waits for the other.
     */
    async splitOffUnclaimed(outboxIds: string[], claimed: ClaimedAlert[]): Promise<void> {
      await db.query(
        `WITH claimed AS (
           SELECT outbox_id, array_agg(alert_id) AS ids FROM unnest($2::bigint[], $3::bigint[]) c(outbox_id, alert_id)
            GROUP BY outbox_id),
         cut AS (
           SELECT o.id, o.queue, o.subject_ids, o.run_at, o.trace, c.ids FROM outbox o JOIN claimed c ON o.id = c.outbox_id
            WHERE NOT o.subject_ids <@ c.ids FOR UPDATE OF o),
         kept AS (
           UPDATE outbox o SET subject_ids = cut.ids FROM cut WHERE o.id = cut.id),
         rest AS (
           INSERT INTO outbox (queue, subject_ids, run_at, relay_at, trace)
           SELECT queue, ARRAY(SELECT unnest(subject_ids) EXCEPT SELECT unnest(ids) ORDER BY 1), run_at,
                  least(run_at, now()), trace
             FROM cut)
         UPDATE outbox SET relay_at = least(run_at, now())
          WHERE id = ANY($1::bigint[]) AND id NOT IN (SELECT outbox_id FROM claimed)`,
        [outboxIds, claimed.map(({ outboxId }) => outboxId), claimed.map(({ alertId }) => alertId)],
      );
    },

    /** Takes claims back of which not a byte left, as if they had never been made: they count as no try. */
    async unclaim(claimed: ClaimedAlert[]): Promise<void> {
      await db.query(
        `WITH waiting AS (
           UPDATE alerts a SET state = 'queued', attempt_count = a.attempt_count - 1
             FROM unnest($1::bigint[], $2::timestamptz[]) c(alert_id, claim)
            WHERE a.id = c.alert_id AND a.claimed_at = c.claim AND a.state = 'sending')
         UPDATE outbox SET relay_at = least(run_at, now()) WHERE id = ANY($3::bigint[])`,
        [
          claimed.map(({ alertId }) => alertId),
          claimed.map(({ claim }) => claim),
          claimed.map(({ outboxId }) => outboxId),
        ],
      );
    },

    /** Claims those of the set whose latest attempt may or may not have gone out; the attempt stays the same. */
    async claimInDoubt(queue: OutboxQueue, outboxIds: string[]): Promise<ClaimedAlert[]> {
      const rows = await db.query<Omit<ClaimedAlert, 'claimedAt'>>(
        `WITH due AS (
           SELECT o.id AS outbox_id, a.id, t.id IS NOT NULL AS was_unknown
             FROM outbox o, unnest(o.subject_ids) AS due(alert_id) JOIN alerts a ON a.id = due.alert_id
             LEFT JOIN attempts t ON t.alert_id = a.id AND t.id = a.attempt_id
            WHERE o.id = ANY($1::bigint[]) AND ${stillInQueueSql('$2')}
              AND (a.state = 'unknown' OR (a.state = 'sending' AND a.claimed_at < now() - make_interval(secs => $3)))
            ORDER BY a.id FOR UPDATE OF a)
         UPDATE alerts a SET state = 'sending', claimed_at = now(), line = coalesce(a.line, $4)
           FROM due, outbox o, notices n
          WHERE a.id = due.id AND o.id = due.outbox_id AND n.id = a.notice_id
         RETURNING due.was_unknown AS "wasUnknown", ${CLAIMED_COLUMNS_SQL}`,
        [outboxIds, queue, STALE_CLAIM_SECONDS[channel], FIRST_LINE[channel]],
      );
      return withClaimTime(rows);
    },
  };
}

/** Which of these rows of the outbox are also about alerts that were not claimed. */
export function rowsNotFullyClaimed(outboxIds: string[], claimed: ClaimedAlert[]): string[] {
  const missing = new Map<string, number>();
  for (const { outboxId, workSize } of claimed)
    missing.set(outboxId, (missing.get(outboxId) ?? workSize) - 1);
  return outboxIds.filter((id) => missing.get(id) !== 0);
}

/**
 * Is the row still in the queue its job was for? Written so that the planner looks rows up by their id, and
 * never by the index of the relay, which would read everything that waits in the queue.
 */
export const stillInQueueSql = (parameter: string) => `o.queue IS NOT DISTINCT FROM ${parameter}`;

const CLAIMABLE_SQL = `o.id = ANY($1::bigint[]) AND ${stillInQueueSql('$2')} AND a.id = due.alert_id
            AND a.state = 'queued' AND a.expires_at > now()`;
const FIRST_CLAIMABLE_SQL = `WITH first AS (
  SELECT a.id FROM outbox o, unnest(o.subject_ids) AS due(alert_id), alerts a
   WHERE ${CLAIMABLE_SQL} ORDER BY a.id LIMIT $4 FOR UPDATE OF a SKIP LOCKED)`;

const withClaimTime = (rows: Omit<ClaimedAlert, 'claimedAt'>[]): ClaimedAlert[] =>
  rows.map((row) => ({ ...row, claimedAt: Date.now() }));

/** What both kinds of claim return, of the tables o (outbox), a (alerts) and n (notices). */
const CLAIMED_COLUMNS_SQL = `
  o.id AS "outboxId", cardinality(o.subject_ids) AS "workSize", a.id AS "alertId", a.attempt_id AS "attemptId",
  a.claimed_at::text AS claim, a.attempt_count AS tries, a.notice_id AS "noticeId",
  n.tracking_number AS "trackingNumber", a.lane, a.line, a.by_template AS "byTemplate", a.address,
  coalesce(a.text, n.sms_text) AS text, date_part('epoch', now() - a.attempt_at) AS "attemptAge",
  CASE WHEN a.text IS NULL THEN date_part('epoch', now() - n.accepted_at) END AS "noticeAge",
  date_part('epoch', a.expires_at - now()) AS "secondsToLive"`;
