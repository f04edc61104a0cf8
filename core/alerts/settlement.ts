import type { SendOutcome } from '../channels/outcomes';
import { canonicalJson, type EventType } from '../events/events';
import { completeWorkSql, enqueueSql, relayAtSql } from '../platform/outbox';
import { type Channel, type OutboxQueue, sendQueue } from '../platform/queues';
import { statement } from '../platform/statement';
import type { ClaimedAlert } from './claims';
import { deadLetterSql } from './dead-letter-sql';
import type { Decision } from './decision';
import type { AlertState } from './states';

/** The outcome of one attempt and its consequence. */
export interface Settlement {
  alert: ClaimedAlert;
  result: SendOutcome;
  decision: Decision;
}

/** The part of a settlement that many of a set have in common: mostly all two hundred of them. */
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

const NEXT_RUN_AT_SQL = 'now() + make_interval(secs => w.seconds)';

/**
 * Writes attempts, alerts, events and outbox in one statement, so that no half of a settlement is ever on record. A settlement
 * whose claim is no longer the latest finds no row in `alert`, and so changes nothing.
 */
export const SETTLE_ALERTS = statement(
  'settle-alerts',
  `WITH settled AS (
     SELECT s.alert_id, s.attempt_id, s.outbox_id, s.provider_message_id, s.parts, s.cost, s.seconds, s.event_data,
            g.outcome, g.code, g.detail, g.state, g.reason, g.event_type, g.queue, g.claim, g.was_unknown
       FROM unnest(:alertIds::bigint[], :attemptIds::bigint[], :outboxIds::bigint[], :providerMessageIds::text[],
                   :parts::smallint[], :costs::int[], :delaySeconds::int[], :eventData::json[], :groupNumbers::bigint[])
            AS s(alert_id, attempt_id, outbox_id, provider_message_id, parts, cost, seconds, event_data, group_number)
       JOIN unnest(:outcomes::text[], :codes::text[], :details::text[], :states::text[], :reasons::text[],
                   :eventTypes::text[], :queues::text[], :claims::timestamptz[], :wereUnknown::boolean[])
            WITH ORDINALITY AS g(outcome, code, detail, state, reason, event_type, queue, claim, was_unknown, number)
         ON g.number = s.group_number),
   alert AS (
     UPDATE alerts a
        SET state = s.state, reason = s.reason,
            sent_at = CASE WHEN s.outcome = 'accepted' THEN coalesce(a.sent_at, now()) ELSE a.sent_at END
       FROM settled s
      WHERE a.id = s.alert_id AND a.attempt_id = s.attempt_id AND a.claimed_at = s.claim AND a.state = 'sending'
     RETURNING a.notice_id, a.source_id, a.channel, a.attempt_at, a.text IS NULL AS is_alert, s.*),
   attempt AS (
     INSERT INTO attempts (id, alert_id, provider, at, outcome, code, provider_message_id, parts, cost, detail)
     SELECT attempt_id, alert_id, :line::text, attempt_at, outcome, code, provider_message_id, parts, cost, detail
       FROM alert WHERE NOT was_unknown),
   resolved AS (
     UPDATE attempts t
        SET settled_at = now(), outcome = s.outcome, code = s.code, provider_message_id = s.provider_message_id,
            parts = s.parts, cost = s.cost, detail = s.detail
       FROM alert s WHERE s.was_unknown AND t.alert_id = s.alert_id AND t.id = s.attempt_id),
   event AS (
     INSERT INTO events (source_id, type, notice_id, actor, data)
     SELECT source_id, event_type, notice_id, 'provider:' || :line::text, event_data
       FROM alert WHERE event_type IS NOT NULL AND is_alert),
   ${deadLetterSql(`SELECT alert_id, channel, state, coalesce(code, 'none')
                      FROM alert WHERE seconds IS NULL AND state IN ('failed', 'unknown')`)},
   work AS (
     SELECT outbox_id, queue, seconds, array_agg(alert_id) AS ids,
            count(*) OVER (PARTITION BY outbox_id) AS parts_of_row
       FROM alert GROUP BY outbox_id, queue, seconds),
   moved AS (
     UPDATE outbox o
        SET queue = w.queue, run_at = ${NEXT_RUN_AT_SQL}, relay_at = ${relayAtSql(NEXT_RUN_AT_SQL)}
       FROM work w
      WHERE o.id = w.outbox_id AND w.seconds IS NOT NULL AND w.parts_of_row = 1 AND o.subject_ids <@ w.ids
     RETURNING o.id),
   split_off AS (
     ${enqueueSql({
       queue: 'w.queue',
       subjectIds: 'w.ids',
       runAt: NEXT_RUN_AT_SQL,
       trace: '(SELECT o.trace FROM outbox o WHERE o.id = w.outbox_id)',
       from: 'work w WHERE w.seconds IS NOT NULL AND w.outbox_id NOT IN (SELECT id FROM moved)',
     })}),
   left_row AS (
     SELECT outbox_id, alert_id AS subject_id FROM alert WHERE outbox_id NOT IN (SELECT id FROM moved)),
   ${completeWorkSql('left_row')}
   SELECT 1 FROM alert`,
  {},
);

/** Gives the bindings of SETTLE_ALERTS. */
export function settleValues(channel: Channel, line: string, settlements: Settlement[]) {
  const groups = groupSettlements(channel, settlements);
  const ordered = [...groups.values()].flatMap(({ members }) => members);
  const common = [...groups.values()].map(({ group }) => group);
  return {
    line,
    alertIds: ordered.map(({ alert }) => alert.alertId),
    attemptIds: ordered.map(({ alert }) => alert.attemptId),
    outboxIds: ordered.map(({ alert }) => alert.outboxId),
    providerMessageIds: ordered.map(({ result }) => ifAccepted(result)?.providerMessageId ?? null),
    parts: ordered.map(({ result }) => ifAccepted(result)?.parts ?? null),
    costs: ordered.map(({ result }) => ifAccepted(result)?.cost ?? null),
    delaySeconds: ordered.map(({ decision }) => decision.next?.seconds ?? null),
    eventData: ordered.map(({ decision }) => (decision.event ? canonicalJson(decision.event.data) : null)),
    groupNumbers: [...groups.values()].flatMap(({ members }, i) => members.map(() => i + 1)),
    outcomes: common.map(({ outcome }) => outcome),
    codes: common.map(({ code }) => code),
    details: common.map(({ detail }) => detail),
    states: common.map(({ state }) => state),
    reasons: common.map(({ reason }) => reason),
    eventTypes: common.map(({ eventType }) => eventType),
    queues: common.map(({ queue }) => queue),
    claims: common.map(({ claim }) => claim),
    wereUnknown: common.map(({ wasUnknown }) => wasUnknown),
  };
}

const ifAccepted = (result: SendOutcome) => (result.outcome === 'accepted' ? result : null);

/** Groups settlements by what they have in common: what two hundred share crosses to PostgreSQL once. */
function groupSettlements(
  channel: Channel,
  settlements: Settlement[],
): Map<string, { group: SettlementGroup; members: Settlement[] }> {
  const groups = new Map<string, { group: SettlementGroup; members: Settlement[] }>();
  for (const settlement of settlements) {
    const group = groupOf(channel, settlement);
    const key = JSON.stringify(group);
    const known = groups.get(key);
    if (known) known.members.push(settlement);
    else groups.set(key, { group, members: [settlement] });
  }
  return groups;
}

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
