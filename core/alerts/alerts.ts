import type { SendOutcome } from '../channels/outcomes';
import { canonicalJson } from '../events/events';
import type { Queryable } from '../platform/database';
import { takeOutOfWork } from '../platform/outbox';
import { type Channel, type Lane, type OutboxQueue, sendQueue } from '../platform/queues';
import type { Decision } from './decide';

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
  sourceId: number;
  lane: Lane;
  address: string;
  text: string;
  /** Seconds since the notice was accepted, at the time of the claim; null for what is not its alert. */
  noticeAge: number | null;
  attemptAge: number;
  secondsToLive: number;
  /** Whether the attempt is on record already, as unknown; not so if its worker was lost before it could say. */
  wasUnknown: boolean;
}

export interface Settlement {
  alert: ClaimedAlert;
  result: SendOutcome;
  decision: Decision;
}

/**
 * Seconds after which an alert still being sent is doubtful: its worker is dead, or frozen and too late to
 * settle. Longer than a worker may take for one set.
 */
export const STALE_SECONDS: Record<Channel, number> = { sms: 60, email: 90 };

/**
 * Alerts on their way. The rule that keeps them from being sent twice: an alert is claimed, and the claim
 * committed, before a byte leaves; only the owner of the latest claim settles it.
 */
export function createAlerts(db: Queryable, channel: Channel) {
  return {
    /** Claims those of the set that wait to be sent, each under the number of a new attempt. */
    async claim(queue: OutboxQueue, outboxIds: string[]): Promise<ClaimedAlert[]> {
      const rows = await db.query<Omit<ClaimedAlert, 'claimedAt'>>(
        `UPDATE alerts a
            SET state = 'sending', attempt_id = nextval('attempt_ids'), attempt_at = now(),
                attempt_count = a.attempt_count + 1, claimed_at = now()
           FROM outbox o, unnest(o.subject_ids) AS due(alert_id), notices n
          WHERE o.id = ANY($1::bigint[]) AND ${inQueue('$2')} AND a.id = due.alert_id AND n.id = a.notice_id
            AND a.state = 'queued' AND a.expires_at > now()
         RETURNING false AS "wasUnknown", ${CLAIMED}`,
        [outboxIds, queue],
      );
      return stamp(rows);
    },

    /** Claims those of the set whose latest attempt may or may not have gone out; the attempt stays the same. */
    async claimDoubtful(queue: OutboxQueue, outboxIds: string[]): Promise<ClaimedAlert[]> {
      const rows = await db.query<Omit<ClaimedAlert, 'claimedAt'>>(
        `WITH due AS (
           SELECT o.id AS outbox_id, a.id, t.id IS NOT NULL AS was_unknown
             FROM outbox o, unnest(o.subject_ids) AS due(alert_id) JOIN alerts a ON a.id = due.alert_id
             LEFT JOIN attempts t ON t.alert_id = a.id AND t.id = a.attempt_id
            WHERE o.id = ANY($1::bigint[]) AND ${inQueue('$2')}
              AND (a.state = 'unknown' OR (a.state = 'sending' AND a.claimed_at < now() - make_interval(secs => $3)))
            ORDER BY a.id FOR UPDATE OF a)
         UPDATE alerts a SET state = 'sending', claimed_at = now()
           FROM due, outbox o, notices n
          WHERE a.id = due.id AND o.id = due.outbox_id AND n.id = a.notice_id
         RETURNING due.was_unknown AS "wasUnknown", ${CLAIMED}`,
        [outboxIds, queue, STALE_SECONDS[channel]],
      );
      return stamp(rows);
    },

    /**
     * Writes down, in one statement, what became of attempts and what follows: attempt, alert, event and
     * outbox. Work whose alerts all go on to the same stays one row. A settlement whose claim is no longer the
     * latest changes nothing.
     *
     * @returns how many took effect
     */
    async settle(provider: string, settlements: Settlement[]): Promise<number> {
      if (settlements.length === 0) return 0;
      const rows = await db.query(SETTLE, [
        settlements.map(({ alert }) => alert.attemptId),
        settlements.map(({ alert }) => alert.outboxId),
        settlements.map(({ result }) => result.outcome),
        settlements.map(({ result }) => result.code),
        settlements.map(({ result }) => (result.outcome === 'accepted' ? result.providerMessageId : null)),
        settlements.map(({ result }) => (result.outcome === 'accepted' ? result.parts : null)),
        settlements.map(({ result }) => (result.outcome === 'accepted' ? result.cost : null)),
        settlements.map(({ result }) => (result.outcome === 'accepted' ? null : result.detail)),
        settlements.map(({ decision }) => decision.state),
        settlements.map(({ decision }) => decision.reason),
        settlements.map(({ decision }) => decision.event?.type ?? null),
        settlements.map(({ decision }) => (decision.event ? canonicalJson(decision.event.data) : null)),
        settlements.map(({ alert, decision }) =>
          decision.next?.work === 'receipts' ? 'sms-receipts' : sendQueue(channel, alert.lane),
        ),
        settlements.map(({ decision }) => decision.next?.seconds ?? null),
        settlements.map(({ alert }) => alert.claim),
        settlements.map(({ alert }) => alert.alertId),
        `provider:${provider}`,
        provider,
        settlements.map(({ alert }) => alert.wasUnknown),
      ]);
      return rows.length;
    },

    /** Lets those of the set expire whose time to live is over before they were sent. */
    async expire(queue: OutboxQueue, outboxIds: string[]): Promise<number> {
      const rows = await db.query(
        `WITH over AS (
           UPDATE alerts a SET state = 'expired', reason = coalesce(a.reason, 'it could not be sent in time')
             FROM outbox o, unnest(o.subject_ids) AS due(alert_id)
            WHERE o.id = ANY($1::bigint[]) AND ${inQueue('$2')} AND a.id = due.alert_id
              AND a.state = 'queued' AND a.expires_at <= now()
           RETURNING a.notice_id, a.source_id, a.reason, a.text, o.id AS outbox_id, a.id AS subject_id),
         event AS (
           INSERT INTO events (source_id, type, notice_id, actor, data)
           SELECT source_id, 'alert.expired', notice_id, 'system',
                  json_build_object('channel', $3::text, 'reason', reason) FROM over WHERE text IS NULL),
         ${takeOutOfWork('over')}
         SELECT 1 FROM over`,
        [outboxIds, queue, channel],
      );
      return rows.length;
    },

    /**
     * Deals with what a worker could not claim: alerts that are done are taken out of their work, and what
     * another worker is sending just now is looked at again once that worker must have finished or died.
     */
    async release(queue: OutboxQueue, outboxIds: string[]): Promise<void> {
      if (outboxIds.length === 0) return;
      await db.query(
        `WITH rest AS (
           SELECT o.id AS outbox_id, a.id AS subject_id, a.state, a.claimed_at
             FROM outbox o, unnest(o.subject_ids) AS due(alert_id) JOIN alerts a ON a.id = due.alert_id
            WHERE o.id = ANY($1::bigint[]) AND ${inQueue('$2')} AND a.state <> 'queued'),
         busy AS (
           SELECT outbox_id, array_agg(subject_id) AS ids, max(claimed_at) AS claimed_at
             FROM rest WHERE state = 'sending' GROUP BY outbox_id),
         looked_at_again AS (
           UPDATE outbox o SET relay_at = busy.claimed_at + make_interval(secs => $3)
             FROM busy WHERE o.id = busy.outbox_id),
         over AS (
           SELECT outbox_id, subject_id FROM rest
            WHERE state NOT IN ('sending', 'unknown') AND outbox_id NOT IN (SELECT outbox_id FROM busy)),
         ${takeOutOfWork('over')}
         SELECT`,
        [outboxIds, queue, STALE_SECONDS[channel]],
      );
    },

    /**
     * Finds work with alerts that expired while their channel was shut, when nobody publishes them.
     *
     * @returns outbox ids, by queue
     */
    async overdue(queues: OutboxQueue[], limit = 100): Promise<{ queue: OutboxQueue; id: string }[]> {
      return db.query(
        `SELECT o.queue, o.id FROM outbox o
          WHERE o.queue = ANY($1) AND o.relay_at <= now()
            AND EXISTS (SELECT FROM unnest(o.subject_ids) AS due(alert_id) JOIN alerts a ON a.id = due.alert_id
                         WHERE a.state = 'queued' AND a.expires_at <= now())
          LIMIT $2`,
        [queues, limit],
      );
    },
  };
}

/** Which of these rows of the outbox are also about alerts that were not claimed. */
export function notWhollyClaimed(outboxIds: string[], claimed: ClaimedAlert[]): string[] {
  const missing = new Map<string, number>();
  for (const { outboxId, workSize } of claimed)
    missing.set(outboxId, (missing.get(outboxId) ?? workSize) - 1);
  return outboxIds.filter((id) => missing.get(id) !== 0);
}

/**
 * Is the row still in the queue its job was for? Written so that the planner looks rows up by their id, and
 * never by the index of the relay, which would read everything that waits in the queue.
 */
const inQueue = (parameter: string) => `o.queue IS NOT DISTINCT FROM ${parameter}`;

const stamp = (rows: Omit<ClaimedAlert, 'claimedAt'>[]): ClaimedAlert[] =>
  rows.map((row) => ({ ...row, claimedAt: Date.now() }));

/** What both kinds of claim return, of the tables o (outbox), a (alerts) and n (notices). */
const CLAIMED = `
  o.id AS "outboxId", cardinality(o.subject_ids) AS "workSize", a.id AS "alertId", a.attempt_id AS "attemptId", a.claimed_at::text AS claim,
  a.attempt_count AS tries, a.notice_id AS "noticeId", a.source_id AS "sourceId", a.lane, a.address,
  coalesce(a.text, n.sms_text) AS text, date_part('epoch', now() - a.attempt_at) AS "attemptAge",
  CASE WHEN a.text IS NULL THEN date_part('epoch', now() - n.accepted_at) END AS "noticeAge",
  date_part('epoch', a.expires_at - now()) AS "secondsToLive"`;

const SETTLE = `
  WITH settled AS (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::int[],
                         $8::text[], $9::text[], $10::text[], $11::text[], $12::json[], $13::text[], $14::int[], $15::timestamptz[],
                         $16::bigint[], $19::boolean[])
      AS s(attempt_id, outbox_id, outcome, code, provider_message_id, parts, cost, detail, state, reason,
           event_type, event_data, queue, seconds, claim, alert_id, was_unknown)),
  alert AS (
    UPDATE alerts a
       SET state = s.state, reason = s.reason,
           sent_at = CASE WHEN s.outcome = 'accepted' THEN now() ELSE a.sent_at END
      FROM settled s
     WHERE a.id = s.alert_id AND a.attempt_id = s.attempt_id AND a.claimed_at = s.claim AND a.state = 'sending'
    RETURNING a.notice_id, a.source_id, a.attempt_at, a.text IS NULL AS is_alert, s.*),
  attempt AS (
    INSERT INTO attempts (id, alert_id, provider, at, outcome, code, provider_message_id, parts, cost, detail)
    SELECT attempt_id, alert_id, $18, attempt_at, outcome, code, provider_message_id, parts, cost, detail
      FROM alert WHERE NOT was_unknown),
  resolved AS (
    UPDATE attempts t
       SET settled_at = now(), outcome = s.outcome, code = s.code, provider_message_id = s.provider_message_id,
           parts = s.parts, cost = s.cost, detail = s.detail
      FROM alert s WHERE s.was_unknown AND t.alert_id = s.alert_id AND t.id = s.attempt_id),
  event AS (
    INSERT INTO events (source_id, type, notice_id, actor, data)
    SELECT source_id, event_type, notice_id, $17, event_data FROM alert WHERE event_type IS NOT NULL AND is_alert),
  work AS (
    SELECT outbox_id, queue, seconds, array_agg(alert_id) AS ids, count(*) OVER (PARTITION BY outbox_id) AS parts
      FROM alert GROUP BY outbox_id, queue, seconds),
  moved AS (
    UPDATE outbox o SET queue = w.queue, run_at = now() + make_interval(secs => w.seconds),
           relay_at = now() + make_interval(secs => w.seconds) - interval '15 minutes'
      FROM work w
     WHERE o.id = w.outbox_id AND w.seconds IS NOT NULL AND w.parts = 1 AND o.subject_ids <@ w.ids
    RETURNING o.id),
  cut_off AS (
    INSERT INTO outbox (queue, subject_ids, run_at, relay_at)
    SELECT queue, ids, now() + make_interval(secs => seconds),
           now() + make_interval(secs => seconds) - interval '15 minutes'
      FROM work WHERE seconds IS NOT NULL AND outbox_id NOT IN (SELECT id FROM moved)),
  elsewhere AS (
    SELECT outbox_id, alert_id AS subject_id FROM alert WHERE outbox_id NOT IN (SELECT id FROM moved)),
  ${takeOutOfWork('elsewhere')}
  SELECT 1 FROM alert`;
