import { FIRST_LINE } from '../channels/lines';
import type { Queryable } from '../platform/database';
import { enqueueSql } from '../platform/outbox';
import type { Channel, Lane, OutboxQueue } from '../platform/queues';
import { type Columns, statement } from '../platform/statement';

/** An alert that this worker alone may send, or look up at its provider. */
export interface ClaimedAlert {
  outboxId: string;
  /** The number of alerts the outbox row is about. */
  subjectCount: number;
  alertId: string;
  attemptId: string;
  /** The time of the claim in milliseconds, on the clock of this process. */
  claimedAt: number;
  /** The token of this very claim: a later claim of the alert makes it void. */
  claim: string;
  /** The number of attempts, this one included. */
  tries: number;
  noticeId: string;
  trackingNumber: string;
  lane: Lane;
  /** The line the attempt goes by. */
  line: string;
  /** Whether the attempt goes by the template, because the recipient blocks the line. */
  byTemplate: boolean;
  address: string;
  text: string;
  /** Seconds from the acceptance of the notice to the claim; null for an SMS that is not a notice's own alert. */
  noticeAgeSeconds: number | null;
  attemptAgeSeconds: number;
  secondsToLive: number;
  /** Whether the attempt is on record already, as unknown. An attempt whose worker died before it settled is not. */
  wasUnknown: boolean;
}

type ClaimRow = Omit<ClaimedAlert, 'claimedAt'>;

/**
 * Seconds after which an alert in the state `sending` is in doubt: its worker is dead, frozen, or cut off from PostgreSQL,
 * and too late to settle. A worker takes less than this to send one set.
 */
export const STALE_CLAIM_SECONDS: Record<Channel, number> = { sms: 60, email: 90 };

/**
 * SQL: whether an outbox row is still in the queue its job was for. `=` would let the planner use the index of the relay, which
 * reads everything that waits in the queue; with this form it looks rows up by their id.
 */
export const STILL_IN_QUEUE_SQL = 'o.queue IS NOT DISTINCT FROM :queue::text';

const IS_CLAIMABLE_SQL = `o.id = ANY(:outboxIds::bigint[]) AND ${STILL_IN_QUEUE_SQL} AND a.id = due.alert_id
            AND a.state = 'queued' AND a.expires_at > now()`;

/**
 * SQL: the result of every claim, from the tables o (outbox), a (alerts) and n (notices). `coalesce` of one column says that
 * these rows hold no null in it, though the column may.
 */
const CLAIMED_COLUMNS_SQL = `
  o.id AS "outboxId", cardinality(o.subject_ids) AS "subjectCount", a.id AS "alertId", coalesce(a.attempt_id) AS "attemptId",
  a.claimed_at::text AS claim, a.attempt_count AS tries, a.notice_id AS "noticeId",
  n.tracking_number AS "trackingNumber", a.lane, coalesce(a.line) AS line, a.by_template AS "byTemplate", a.address,
  coalesce(a.text, n.sms_text) AS text, date_part('epoch', now() - a.attempt_at) AS "attemptAgeSeconds",
  CASE WHEN a.text IS NULL THEN date_part('epoch', now() - n.accepted_at) END AS "noticeAgeSeconds",
  date_part('epoch', a.expires_at - now()) AS "secondsToLive"`;

const CLAIMED_COLUMNS: Columns<ClaimRow> = {
  outboxId: 'int8',
  subjectCount: 'int4',
  alertId: 'int8',
  attemptId: 'int8',
  claim: 'text',
  tries: 'int2',
  noticeId: 'uuid',
  trackingNumber: 'int8',
  lane: 'text',
  line: 'text',
  byTemplate: 'bool',
  address: 'text',
  text: 'text',
  noticeAgeSeconds: 'float8?',
  attemptAgeSeconds: 'float8',
  secondsToLive: 'float8',
  wasUnknown: 'bool',
};

/** SQL: a claim of alerts that wait, of which `and` is a further condition. */
const claimSql = (and = '') => `
  UPDATE alerts a
     SET state = 'sending', line = :line::text, attempt_id = nextval('attempt_ids'), attempt_at = now(),
         attempt_count = a.attempt_count + 1, claimed_at = now()
    FROM outbox o, unnest(o.subject_ids) AS due(alert_id), notices n
   WHERE ${IS_CLAIMABLE_SQL} AND n.id = a.notice_id ${and}
  RETURNING false AS "wasUnknown", ${CLAIMED_COLUMNS_SQL}`;

const CLAIM_ALERTS = statement<ClaimRow>('claim-alerts', claimSql(), CLAIMED_COLUMNS);

const CLAIM_FIRST_ALERTS = statement<ClaimRow>(
  'claim-first-alerts',
  `WITH first AS (
     SELECT a.id FROM outbox o, unnest(o.subject_ids) AS due(alert_id), alerts a
      WHERE ${IS_CLAIMABLE_SQL} ORDER BY a.id LIMIT :limit FOR UPDATE OF a SKIP LOCKED)
   ${claimSql('AND a.id = ANY(ARRAY(SELECT id FROM first))')}`,
  CLAIMED_COLUMNS,
);

const COUNT_CLAIMABLE = statement<{ count: number }>(
  'count-claimable-alerts',
  `SELECT count(*)::int AS count FROM outbox o, unnest(o.subject_ids) AS due(alert_id), alerts a
    WHERE ${IS_CLAIMABLE_SQL}`,
  { count: 'int4' },
);

const SPLIT_OFF_UNCLAIMED = statement(
  'split-off-unclaimed-alerts',
  `WITH claimed AS (
     SELECT outbox_id, array_agg(alert_id) AS ids
       FROM unnest(:claimedOutboxIds::bigint[], :claimedAlertIds::bigint[]) c(outbox_id, alert_id) GROUP BY outbox_id),
   partly_claimed AS (
     SELECT o.id, o.queue, o.subject_ids, o.run_at, o.trace, c.ids FROM outbox o JOIN claimed c ON o.id = c.outbox_id
      WHERE NOT o.subject_ids <@ c.ids FOR UPDATE OF o),
   kept AS (
     UPDATE outbox o SET subject_ids = p.ids FROM partly_claimed p WHERE o.id = p.id),
   split_off AS (
     ${enqueueSql({
       queue: 'queue',
       subjectIds: 'ARRAY(SELECT unnest(subject_ids) EXCEPT SELECT unnest(ids) ORDER BY 1)',
       runAt: 'run_at',
       relayAt: 'least(run_at, now())',
       trace: 'trace',
       from: 'partly_claimed',
     })})
   UPDATE outbox SET relay_at = least(run_at, now())
    WHERE id = ANY(:outboxIds::bigint[]) AND id NOT IN (SELECT outbox_id FROM claimed)`,
  {},
);

const UNCLAIM_ALERTS = statement(
  'unclaim-alerts',
  `WITH unclaimed AS (
     UPDATE alerts a SET state = 'queued', attempt_count = a.attempt_count - 1
       FROM unnest(:alertIds::bigint[], :claims::timestamptz[]) c(alert_id, claim)
      WHERE a.id = c.alert_id AND a.claimed_at = c.claim AND a.state = 'sending')
   UPDATE outbox SET relay_at = least(run_at, now()) WHERE id = ANY(:outboxIds::bigint[])`,
  {},
);

const CLAIM_IN_DOUBT = statement<ClaimRow>(
  'claim-alerts-in-doubt',
  `WITH due AS (
     SELECT o.id AS outbox_id, a.id, t.id IS NOT NULL AS was_unknown
       FROM outbox o, unnest(o.subject_ids) AS due(alert_id) JOIN alerts a ON a.id = due.alert_id
       LEFT JOIN attempts t ON t.alert_id = a.id AND t.id = a.attempt_id
      WHERE o.id = ANY(:outboxIds::bigint[]) AND ${STILL_IN_QUEUE_SQL}
        AND (a.state = 'unknown' OR (a.state = 'sending' AND a.claimed_at < now() - make_interval(secs => :staleSeconds)))
      ORDER BY a.id FOR UPDATE OF a)
   UPDATE alerts a SET state = 'sending', claimed_at = now(), line = coalesce(a.line, :firstLine::text)
     FROM due, outbox o, notices n
    WHERE a.id = due.id AND o.id = due.outbox_id AND n.id = a.notice_id
   RETURNING due.was_unknown AS "wasUnknown", ${CLAIMED_COLUMNS_SQL}`,
  CLAIMED_COLUMNS,
);

/**
 * Claims of alerts. Only the owner of a claim may send the alert. A claim is committed before a byte leaves, and names the line
 * the message goes by.
 */
export function createClaims(db: Queryable, channel: Channel) {
  return {
    /**
     * Claims the alerts of the set that wait to be sent, each under the number of a new attempt that goes by `line`; at most
     * `limit` of them, the oldest first.
     */
    async claim(
      queue: OutboxQueue,
      outboxIds: string[],
      line: string,
      limit = Number.POSITIVE_INFINITY,
    ): Promise<ClaimedAlert[]> {
      const values = { outboxIds, queue, line };
      const rows = Number.isFinite(limit)
        ? await db.query(CLAIM_FIRST_ALERTS, { ...values, limit })
        : await db.query(CLAIM_ALERTS, values);
      return withClaimTime(rows);
    },

    /** Counts the alerts of the set that wait to be sent. */
    async countClaimable(queue: OutboxQueue, outboxIds: string[]): Promise<number> {
      const [row] = await db.query(COUNT_CLAIMABLE, { queue, outboxIds });
      return row?.count ?? 0;
    },

    /**
     * Puts what was not claimed back to the front of its queue. The unclaimed part of a row becomes a row of its own, so that
     * neither part waits for the other.
     */
    async splitOffUnclaimed(outboxIds: string[], claimed: ClaimedAlert[]): Promise<void> {
      await db.query(SPLIT_OFF_UNCLAIMED, {
        outboxIds,
        claimedOutboxIds: claimed.map(({ outboxId }) => outboxId),
        claimedAlertIds: claimed.map(({ alertId }) => alertId),
      });
    },

    /** Undoes claims of which not a byte left: they do not count as attempts, and their alerts wait at the front again. */
    async unclaim(claimed: ClaimedAlert[]): Promise<void> {
      await db.query(UNCLAIM_ALERTS, {
        alertIds: claimed.map(({ alertId }) => alertId),
        claims: claimed.map(({ claim }) => claim),
        outboxIds: claimed.map(({ outboxId }) => outboxId),
      });
    },

    /** Claims the alerts of the set whose latest attempt may or may not have gone out; the attempt stays the same. */
    async claimInDoubt(queue: OutboxQueue, outboxIds: string[]): Promise<ClaimedAlert[]> {
      const rows = await db.query(CLAIM_IN_DOUBT, {
        outboxIds,
        queue,
        staleSeconds: STALE_CLAIM_SECONDS[channel],
        firstLine: FIRST_LINE[channel],
      });
      return withClaimTime(rows);
    },
  };
}

/** Gives the outbox rows that are also about alerts that were not claimed. */
export function rowsNotFullyClaimed(outboxIds: string[], claimed: ClaimedAlert[]): string[] {
  const missing = new Map<string, number>();
  for (const { outboxId, subjectCount } of claimed)
    missing.set(outboxId, (missing.get(outboxId) ?? subjectCount) - 1);
  return outboxIds.filter((id) => missing.get(id) !== 0);
}

const withClaimTime = (rows: ClaimRow[]): ClaimedAlert[] =>
  rows.map((row) => ({ ...row, claimedAt: Date.now() }));
