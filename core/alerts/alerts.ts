import type { SendOutcome } from '../channels/outcomes';
import { canonicalJson, type EventType } from '../events/events';
import type { Queryable } from '../platform/database';
import { completeWorkSql } from '../platform/outbox';
import { type Channel, type OutboxQueue, sendQueue } from '../platform/queues';
import { type ClaimedAlert, createClaims, STALE_CLAIM_SECONDS, stillInQueueSql } from './claims';
import { deadLetterSql } from './dead-letter-sql';
import type { AlertState, Decision } from './decide';

export interface Settlement {
  alert: ClaimedAlert;
  result: SendOutcome;
  decision: Decision;
}

/**
 * Alerts on their way. The rule that keeps them from being sent twice: an alert is claimed, and the claim
 * committed, before a byte leaves; only the owner of the latest claim settles it.
 */
export function createAlerts(db: Queryable, channel: Channel) {
  return {
    ...createClaims(db, channel),

    /**
     * Writes down, in one statement, what became of attempts and what follows: attempt, alert, event and
     * outbox. Work whose alerts all go on to the same stays one row. A settlement whose claim is no longer the
     * latest changes nothing.
     *
     * @returns how many took effect
     */
    async settle(line: string, settlements: Settlement[]): Promise<number> {
      if (settlements.length === 0) return 0;
      const verdicts = groupSettlements(channel, settlements);
      const ordered = verdicts.flatMap(({ alike }) => alike);
      const rows = await db.query(SETTLE, [
        `provider:${line}`,
        line,
        ordered.map(({ alert }) => alert.alertId),
        ordered.map(({ alert }) => alert.attemptId),
        ordered.map(({ alert }) => alert.outboxId),
        ordered.map(({ result }) => (result.outcome === 'accepted' ? result.providerMessageId : null)),
        ordered.map(({ result }) => (result.outcome === 'accepted' ? result.parts : null)),
        ordered.map(({ result }) => (result.outcome === 'accepted' ? result.cost : null)),
        ordered.map(({ decision }) => decision.next?.seconds ?? null),
        ordered.map(({ decision }) => (decision.event ? canonicalJson(decision.event.data) : null)),
        verdicts.flatMap(({ alike }, i) => alike.map(() => i + 1)),
        ...GROUP_FIELDS.map((field) => verdicts.map(({ verdict }) => verdict[field])),
      ]);
      return rows.length;
    },

    /** Lets those of the set expire whose time to live is over before they were sent. */
    async expire(queue: OutboxQueue, outboxIds: string[]): Promise<number> {
      const rows = await db.query(
        `WITH over AS (
           UPDATE alerts a SET state = 'expired', reason = coalesce(a.reason, 'it could not be sent in time')
             FROM outbox o, unnest(o.subject_ids) AS due(alert_id)
            WHERE o.id = ANY($1::bigint[]) AND ${stillInQueueSql('$2')} AND a.id = due.alert_id
              AND a.state = 'queued' AND a.expires_at <= now()
           RETURNING a.notice_id, a.source_id, a.reason, a.text, a.attempt_id, o.id AS outbox_id, a.id AS subject_id),
         event AS (
           INSERT INTO events (source_id, type, notice_id, actor, data)
           SELECT source_id, 'alert.expired', notice_id, 'system',
                  json_build_object('channel', $3::text, 'reason', reason) FROM over WHERE text IS NULL),
         ${deadLetterSql(`SELECT o.subject_id, $3::text, 'expired', coalesce(t.code, 'none')
                       FROM over o LEFT JOIN attempts t ON t.alert_id = o.subject_id AND t.id = o.attempt_id`)},
         ${completeWorkSql('over')}
         SELECT 1 FROM over`,
        [outboxIds, queue, channel],
      );
      return rows.length;
    },

    /**
     * Deals with what a worker could not claim: alerts that are done are taken out of their work, and what
     * another worker is sending just now is looked at again once that worker must have finished or died.
     */
    async cleanUpUnclaimed(queue: OutboxQueue, outboxIds: string[]): Promise<void> {
      if (outboxIds.length === 0) return;
      await db.query(
        `WITH rest AS (
           SELECT o.id AS outbox_id, a.id AS subject_id, a.state, a.claimed_at
             FROM outbox o, unnest(o.subject_ids) AS due(alert_id) JOIN alerts a ON a.id = due.alert_id
            WHERE o.id = ANY($1::bigint[]) AND ${stillInQueueSql('$2')} AND a.state <> 'queued'),
         busy AS (
           SELECT outbox_id, array_agg(subject_id) AS ids, max(claimed_at) AS claimed_at
             FROM rest WHERE state = 'sending' GROUP BY outbox_id),
         looked_at_again AS (
           UPDATE outbox o SET relay_at = busy.claimed_at + make_interval(secs => $3)
             FROM busy WHERE o.id = busy.outbox_id),
         over AS (
           SELECT outbox_id, subject_id FROM rest
            WHERE state NOT IN ('sending', 'unknown') AND outbox_id NOT IN (SELECT outbox_id FROM busy)),
         ${completeWorkSql('over')}
         SELECT`,
        [outboxIds, queue, STALE_CLAIM_SECONDS[channel]],
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

/** What became of an attempt and what follows, as far as many of a set have it in common: mostly all of them. */
interface SettlementGroup {
  outcome: SendOutcome['outcome'];
  code: string;
  detail: string | null;
  state: AlertState;
  reason: string | null;
  eventType: EventType | null;
  queue: OutboxQueue;
  claim: string;
  wasUnknown: boolean;
}
const GROUP_FIELDS = [
  'outcome',
  'code',
  'detail',
  'state',
  'reason',
  'eventType',
  'queue',
  'claim',
  'wasUnknown',
] as const satisfies (keyof SettlementGroup)[];

const groupOf = (channel: Channel, { alert, result, decision }: Settlement): SettlementGroup => ({
  outcome: result.outcome,
  code: result.code,
  detail: result.outcome === 'accepted' ? null : result.detail,
  state: decision.state,
  reason: decision.reason,
  eventType: decision.event?.type ?? null,
  queue: decision.next?.work === 'receipts' ? 'sms-receipts' : sendQueue(channel, alert.lane),
  claim: alert.claim,
  wasUnknown: alert.wasUnknown,
});

/** Settlements that have the same verdict, together: what two hundred have in common is said once. */
function groupSettlements(
  channel: Channel,
  settlements: Settlement[],
): { verdict: SettlementGroup; alike: Settlement[] }[] {
  const groups = new Map<string, { verdict: SettlementGroup; alike: Settlement[] }>();
  for (const settlement of settlements) {
    const verdict = groupOf(channel, settlement);
    const key = JSON.stringify(verdict);
    const group = groups.get(key);
    if (group) group.alike.push(settlement);
    else groups.set(key, { verdict, alike: [settlement] });
  }
  return [...groups.values()];
}

const SETTLE = `
  WITH settled AS (
    SELECT s.*, v.*
      FROM unnest($3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::smallint[], $8::int[], $9::int[], $10::json[],
                  $11::bigint[])
           AS s(alert_id, attempt_id, outbox_id, provider_message_id, parts, cost, seconds, event_data, verdict_no)
      JOIN unnest($12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[],
                  $19::timestamptz[], $20::boolean[]) WITH ORDINALITY
           AS v(outcome, code, detail, state, reason, event_type, queue, claim, was_unknown, no) ON v.no = s.verdict_no),
  alert AS (
    UPDATE alerts a
       SET state = s.state, reason = s.reason,
           sent_at = CASE WHEN s.outcome = 'accepted' THEN coalesce(a.sent_at, now()) ELSE a.sent_at END
      FROM settled s
     WHERE a.id = s.alert_id AND a.attempt_id = s.attempt_id AND a.claimed_at = s.claim AND a.state = 'sending'
    RETURNING a.notice_id, a.source_id, a.channel, a.attempt_at, a.text IS NULL AS is_alert, s.*),
  attempt AS (
    INSERT INTO attempts (id, alert_id, provider, at, outcome, code, provider_message_id, parts, cost, detail)
    SELECT attempt_id, alert_id, $2, attempt_at, outcome, code, provider_message_id, parts, cost, detail
      FROM alert WHERE NOT was_unknown),
  resolved AS (
    UPDATE attempts t
       SET settled_at = now(), outcome = s.outcome, code = s.code, provider_message_id = s.provider_message_id,
           parts = s.parts, cost = s.cost, detail = s.detail
      FROM alert s WHERE s.was_unknown AND t.alert_id = s.alert_id AND t.id = s.attempt_id),
  event AS (
    INSERT INTO events (source_id, type, notice_id, actor, data)
    SELECT source_id, event_type, notice_id, $1, event_data FROM alert WHERE event_type IS NOT NULL AND is_alert),
  ${deadLetterSql(`SELECT alert_id, channel, state, coalesce(code, 'none')
                FROM alert WHERE seconds IS NULL AND state IN ('failed', 'unknown')`)},
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
    INSERT INTO outbox (queue, subject_ids, run_at, relay_at, trace)
    SELECT queue, ids, now() + make_interval(secs => seconds),
           now() + make_interval(secs => seconds) - interval '15 minutes',
           (SELECT trace FROM outbox whole WHERE whole.id = outbox_id)
      FROM work WHERE seconds IS NOT NULL AND outbox_id NOT IN (SELECT id FROM moved)),
  elsewhere AS (
    SELECT outbox_id, alert_id AS subject_id FROM alert WHERE outbox_id NOT IN (SELECT id FROM moved)),
  ${completeWorkSql('elsewhere')}
  SELECT 1 FROM alert`;
