import { canonicalJson } from '../events/events';
import type { Queryable } from '../platform/database';
import { enqueueSql, relayAtSql } from '../platform/outbox';
import type { Lane } from '../platform/queues';
import { type Columns, statement } from '../platform/statement';
import { currentTraceParent } from '../platform/tracing';
import { deadLetterSql } from './dead-letter-sql';
import type { TemplateFallback } from './decide-after-status';
import type { Decision } from './decision';
import type { AlertState } from './states';

/** A message that the provider accepted, and of which no final status is known. */
export interface OpenMessage {
  /** The outbox row of the receipt check; null where a pushed report, not the timetable, leads here. */
  outboxId: string | null;
  alertId: string;
  attemptId: string;
  /** The line the message went by: only its provider knows the message. */
  line: string;
  providerMessageId: string;
  sentSecondsAgo: number;
  /** Whether the alert may go by the template if its recipient blocks the line: once, and within its time to live. */
  templateFallback: TemplateFallback;
}

type DueMessage = OpenMessage & { outboxId: string };
type FoundMessage = OpenMessage & { open: boolean };

/** An alert that reached a new state because of a delivery report. */
export interface StateChange {
  alertId: string;
  attemptId: string;
  noticeId: string;
  lane: Lane;
  state: AlertState;
}

/** SQL: whether the alert may have gone by the template in the time that a later restore of the database lost. */
const MAYBE_SENT_BY_TEMPLATE_SQL = `EXISTS (
  SELECT FROM restores r JOIN notices n ON n.id = a.notice_id
   WHERE r.at > t.at AND r.lost_after >= n.accepted_at AND r.lost_after < a.expires_at)`;

/** SQL: `coalesce` of one column says that these rows hold no null in it, though the column may. */
const MESSAGE_COLUMNS_SQL = `
  a.id AS "alertId", t.id AS "attemptId", t.provider AS line, coalesce(t.provider_message_id) AS "providerMessageId",
  CASE WHEN a.text IS NOT NULL OR a.by_template THEN 'none'
       WHEN ${MAYBE_SENT_BY_TEMPLATE_SQL} THEN 'in_doubt'
       WHEN a.expires_at > now() THEN 'allowed' ELSE 'none' END AS "templateFallback",
  extract(epoch FROM now() - t.settled_at)::float8 AS "sentSecondsAgo"`;

const MESSAGE_COLUMNS: Omit<Columns<OpenMessage>, 'outboxId'> = {
  alertId: 'int8',
  attemptId: 'int8',
  line: 'text',
  providerMessageId: 'text',
  sentSecondsAgo: 'float8',
  templateFallback: 'text',
};

/** SQL: a message is open while its alert is sent, or unknown because no delivery report came in time. */
const IS_OPEN_SQL = `(a.state = 'sent' OR (a.state = 'unknown' AND t.outcome = 'accepted'))`;

const FIND_DUE_MESSAGES = statement<DueMessage>(
  'find-due-messages',
  `SELECT o.id AS "outboxId", ${MESSAGE_COLUMNS_SQL}
     FROM outbox o, unnest(o.subject_ids) AS due(alert_id)
     JOIN alerts a ON a.id = due.alert_id JOIN attempts t ON t.alert_id = a.id AND t.id = a.attempt_id
    WHERE o.id = ANY(:outboxIds::bigint[]) AND o.queue = 'sms-receipts' AND a.state = 'sent'`,
  { outboxId: 'int8', ...MESSAGE_COLUMNS },
);

const FIND_MESSAGES_BY_PROVIDER_ID = statement<FoundMessage>(
  'find-messages-by-provider-id',
  `SELECT NULL::bigint AS "outboxId", ${MESSAGE_COLUMNS_SQL}, ${IS_OPEN_SQL} AND a.attempt_id = t.id AS open
     FROM attempts t JOIN alerts a ON a.id = t.alert_id
    WHERE t.provider_message_id = ANY(:messageIds::text[]) AND a.channel = 'sms'`,
  { outboxId: 'int8?', open: 'bool', ...MESSAGE_COLUMNS },
);

const NEXT_RUN_AT_SQL = 'now() + make_interval(secs => w.seconds)';

const SETTLE_RECEIPTS = statement<StateChange>(
  'settle-receipts',
  `WITH settled AS (
     SELECT * FROM unnest(:alertIds::bigint[], :attemptIds::bigint[], :outboxIds::bigint[], :states::text[], :reasons::text[],
                          :eventTypes::text[], :eventData::json[], :delaySeconds::int[], :byTemplate::boolean[])
       AS s(alert_id, attempt_id, outbox_id, state, reason, event_type, event_data, seconds, by_template)),
   alert AS (
     UPDATE alerts a SET state = s.state, reason = s.reason, by_template = a.by_template OR s.by_template
       FROM settled s, attempts t
      WHERE a.id = s.alert_id AND a.attempt_id = s.attempt_id AND t.alert_id = a.id AND t.id = a.attempt_id
        AND ${IS_OPEN_SQL} AND s.state NOT IN (a.state, 'sent')
     RETURNING a.notice_id, a.source_id, a.channel, a.lane, a.text IS NULL AS is_alert, s.*),
   event AS (
     INSERT INTO events (source_id, type, notice_id, actor, data)
     SELECT source_id, event_type, notice_id, 'provider:' || :line::text, event_data
       FROM alert WHERE event_type IS NOT NULL AND is_alert),
   ${deadLetterSql(`SELECT alert_id, channel, state, coalesce(event_data->>'code', 'none')
                      FROM alert WHERE state IN ('failed', 'unknown')`)},
   unlisted AS (
     DELETE FROM dead_alerts d USING alert WHERE d.alert_id = alert.alert_id AND alert.state NOT IN ('failed', 'unknown')),
   resend_by_template AS (
     ${enqueueSql({
       queue: `channel || '-' || lane`,
       subjectIds: 'array_agg(alert_id ORDER BY alert_id)',
       from: 'alert WHERE by_template GROUP BY channel, lane',
     })}),
   work AS (
     SELECT outbox_id, array_agg(alert_id) FILTER (WHERE seconds IS NOT NULL) AS ids, min(seconds) AS seconds
       FROM settled WHERE outbox_id IS NOT NULL GROUP BY outbox_id),
   checked_again AS (
     UPDATE outbox o SET subject_ids = w.ids, run_at = ${NEXT_RUN_AT_SQL}, relay_at = ${relayAtSql(NEXT_RUN_AT_SQL)}
       FROM work w WHERE o.id = w.outbox_id AND w.ids IS NOT NULL),
   completed AS (
     DELETE FROM outbox o USING work w WHERE o.id = w.outbox_id AND w.ids IS NULL)
   SELECT alert_id AS "alertId", attempt_id AS "attemptId", notice_id AS "noticeId", lane, state FROM alert`,
  { alertId: 'int8', attemptId: 'int8', noticeId: 'uuid', lane: 'text', state: 'text' },
);

/**
 * Delivery reports of SMS. A final state is never left again. An alert that is unknown because no report came does not go back
 * to `sent`: no worker would check it again.
 */
export function createReceipts(db: Queryable) {
  return {
    /** Finds the messages of the set that are still open. */
    due: (outboxIds: string[]): Promise<DueMessage[]> => db.query(FIND_DUE_MESSAGES, { outboxIds }),

    /** Finds our SMS under these provider ids, open or not; a message whose alert was sent again is not open. */
    byProviderIds: (messageIds: string[]): Promise<FoundMessage[]> =>
      db.query(FIND_MESSAGES_BY_PROVIDER_ID, { messageIds }),

    /**
     * Writes down what the provider answered. The messages of one outbox row that are still open stay one row, and are checked
     * again when the first of them is due. An alert that is to go by the template returns to its lane. A report on an attempt
     * that is no longer the latest changes nothing.
     *
     * @returns the alerts that reached a new state
     */
    async settle(
      line: string,
      settlements: { message: OpenMessage; decision: Decision }[],
    ): Promise<StateChange[]> {
      if (settlements.length === 0) return [];
      const messages = settlements.map(({ message }) => message);
      const decisions = settlements.map(({ decision }) => decision);
      return db.query(SETTLE_RECEIPTS, {
        line,
        trace: currentTraceParent(),
        alertIds: messages.map(({ alertId }) => alertId),
        attemptIds: messages.map(({ attemptId }) => attemptId),
        outboxIds: messages.map(({ outboxId }) => outboxId),
        states: decisions.map(({ state }) => state),
        reasons: decisions.map(({ reason }) => reason),
        eventTypes: decisions.map(({ event }) => event?.type ?? null),
        eventData: decisions.map(({ event }) => (event ? canonicalJson(event.data) : null)),
        delaySeconds: decisions.map(({ next }) => (next?.work === 'receipts' ? next.seconds : null)),
        byTemplate: decisions.map(({ next }) => next?.work === 'send'),
      });
    },
  };
}
