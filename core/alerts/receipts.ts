import { canonicalJson } from '../events/events';
import type { Queryable } from '../platform/database';
import type { Lane } from '../platform/queues';
import { deadLetterSql } from './dead-letter-sql';
import type { Decision, TemplateFallback } from './decide';

/** A message the provider accepted, and whose fate is still open. */
export interface OpenMessage {
  /** Null where a callback, not our own timetable, led here. */
  outboxId: string | null;
  alertId: string;
  attemptId: string;
  /** The line it went by: only there somebody knows of it. */
  line: string;
  providerMessageId: string;
  sentSecondsAgo: number;
  /** Whether the alert may go by the template, should its recipient block the line: once, and not too late. */
  otherWay: TemplateFallback;
}

/** An alert that reached a new state because of what the provider said. */
export interface StateChange {
  alertId: string;
  attemptId: string;
  noticeId: string;
  lane: Lane;
  state: Decision['state'];
}

/** Of an attempt before a restore, for a notice the lost time knew: in it the alert may have gone by the template. */
const MAYBE_SENT_BY_TEMPLATE_SQL = `EXISTS (
  SELECT FROM restores r JOIN notices n ON n.id = a.notice_id
   WHERE r.at > t.at AND r.lost_after >= n.accepted_at AND r.lost_after < a.expires_at)`;

const OPEN_MESSAGE_COLUMNS_SQL = `a.id AS "alertId", t.id AS "attemptId", t.provider AS line, t.provider_message_id AS "providerMessageId",
                      CASE WHEN a.text IS NOT NULL OR a.by_template THEN 'none'
                           WHEN ${MAYBE_SENT_BY_TEMPLATE_SQL} THEN 'doubtful'
                           WHEN a.expires_at > now() THEN 'open' ELSE 'none' END AS "otherWay",
                      extract(epoch FROM now() - t.settled_at)::float8 AS "sentSecondsAgo"`;

/** A message is open while it counts as sent, or as unknown because no report came in time. */
const IS_OPEN_SQL = `(a.state = 'sent' OR (a.state = 'unknown' AND t.outcome = 'accepted'))`;

/**
 * What became of SMS after the provider took them. Only ever forward: a final state is never left again, and
 * one of which no report came does not count as on its way again, for nobody would look after it.
 */
export function createReceipts(db: Queryable) {
  return {
    /** The messages of the set that are still open. */
    async due(outboxIds: string[]): Promise<(OpenMessage & { outboxId: string })[]> {
      return db.query(
        `SELECT o.id AS "outboxId", ${OPEN_MESSAGE_COLUMNS_SQL}
           FROM outbox o, unnest(o.subject_ids) AS due(alert_id) JOIN alerts a ON a.id = due.alert_id JOIN attempts t ON t.alert_id = a.id AND t.id = a.attempt_id
          WHERE o.id = ANY($1::bigint[]) AND o.queue = 'sms-receipts' AND a.state = 'sent'`,
        [outboxIds],
      );
    },

    /** The open and the closed SMS of ours under these provider ids; one that was sent again is closed. */
    async byProviderIds(messageIds: string[]): Promise<(OpenMessage & { open: boolean })[]> {
      return db.query(
        `SELECT NULL AS "outboxId", ${OPEN_MESSAGE_COLUMNS_SQL}, ${IS_OPEN_SQL} AND a.attempt_id = t.id AS open
           FROM attempts t JOIN alerts a ON a.id = t.alert_id
          WHERE t.provider_message_id = ANY($1) AND a.channel = 'sms'`,
        [messageIds],
      );
    },

    /**
     * Writes down what the provider said. What is still open of one row of the outbox stays together, and is
     * looked at again when the first of it is due. What is to go by the template goes back to its lane. A word
     * on an attempt that another came after changes nothing. Returns the alerts that reached a new state.
     */
    async settle(
      line: string,
      settlements: { message: OpenMessage; decision: Decision }[],
    ): Promise<StateChange[]> {
      if (settlements.length === 0) return [];
      return db.query<StateChange & Record<string, unknown>>(
        `WITH settled AS (
           SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::json[], $7::int[],
                                $9::bigint[], $10::boolean[])
             AS s(alert_id, outbox_id, state, reason, event_type, event_data, seconds, attempt_id, by_template)),
         alert AS (
           UPDATE alerts a SET state = s.state, reason = s.reason, by_template = a.by_template OR s.by_template
             FROM settled s, attempts t
            WHERE a.id = s.alert_id AND a.attempt_id = s.attempt_id AND t.alert_id = a.id AND t.id = a.attempt_id
              AND ${IS_OPEN_SQL} AND s.state NOT IN (a.state, 'sent')
           RETURNING a.notice_id, a.source_id, a.channel, a.lane, a.text IS NULL AS is_alert, s.*),
         event AS (
           INSERT INTO events (source_id, type, notice_id, actor, data)
           SELECT source_id, event_type, notice_id, $8, event_data FROM alert WHERE event_type IS NOT NULL AND is_alert),
         ${deadLetterSql(`SELECT alert_id, channel, state, coalesce(event_data->>'code', 'none')
                       FROM alert WHERE state IN ('failed', 'unknown')`)},
         unlisted AS (
           DELETE FROM dead_alerts d USING alert WHERE d.alert_id = alert.alert_id AND alert.state NOT IN ('failed', 'unknown')),
         another_way AS (
           INSERT INTO outbox (queue, subject_ids, run_at, relay_at)
           SELECT channel || '-' || lane, array_agg(alert_id ORDER BY alert_id), now(), now()
             FROM alert WHERE by_template GROUP BY channel, lane),
         work AS (
           SELECT outbox_id, array_agg(alert_id) FILTER (WHERE seconds IS NOT NULL) AS ids, min(seconds) AS seconds
             FROM settled WHERE outbox_id IS NOT NULL GROUP BY outbox_id),
         again AS (
           UPDATE outbox o SET subject_ids = w.ids, run_at = now() + make_interval(secs => w.seconds),
                  relay_at = now() + make_interval(secs => w.seconds) - interval '15 minutes'
             FROM work w WHERE o.id = w.outbox_id AND w.ids IS NOT NULL),
         done AS (
           DELETE FROM outbox o USING work w WHERE o.id = w.outbox_id AND w.ids IS NULL)
         SELECT alert_id AS "alertId", attempt_id AS "attemptId", notice_id AS "noticeId", lane, state FROM alert`,
        [
          settlements.map(({ message }) => message.alertId),
          settlements.map(({ message }) => message.outboxId),
          settlements.map(({ decision }) => decision.state),
          settlements.map(({ decision }) => decision.reason),
          settlements.map(({ decision }) => decision.event?.type ?? null),
          settlements.map(({ decision }) => (decision.event ? canonicalJson(decision.event.data) : null)),
          settlements.map(({ decision }) =>
            decision.next?.work === 'receipts' ? decision.next.seconds : null,
          ),
          `provider:${line}`,
          settlements.map(({ message }) => message.attemptId),
          settlements.map(({ decision }) => decision.next?.work === 'send'),
        ],
      );
    },
  };
}
