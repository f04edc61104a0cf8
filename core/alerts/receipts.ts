import { canonicalJson } from '../events/events';
import type { Queryable } from '../platform/database';
import type { Decision } from './decide';

/** A message the provider accepted, and whose fate is still open. */
export interface OpenMessage {
  /** Null where a callback, not our own timetable, led here. */
  outboxId: string | null;
  alertId: string;
  providerMessageId: string;
  sentSecondsAgo: number;
}

const OPEN_MESSAGE = `a.id AS "alertId", t.provider_message_id AS "providerMessageId",
                      extract(epoch FROM now() - a.sent_at)::float8 AS "sentSecondsAgo"`;

/** A message is open while it counts as sent, or as unknown because no report came in time. */
const IS_OPEN = `(a.state = 'sent' OR (a.state = 'unknown' AND t.outcome = 'accepted'))`;

/**
 * What became of SMS after the provider took them. Only ever forward: a final state is never left again, and
 * one of which no report came does not count as on its way again, for nobody would look after it.
 */
export function createReceipts(db: Queryable) {
  return {
    /** The messages of the set that are still open. */
    async due(outboxIds: string[]): Promise<(OpenMessage & { outboxId: string })[]> {
      return db.query(
        `SELECT o.id AS "outboxId", ${OPEN_MESSAGE}
           FROM outbox o, unnest(o.subject_ids) AS due(alert_id) JOIN alerts a ON a.id = due.alert_id JOIN attempts t ON t.alert_id = a.id AND t.id = a.attempt_id
          WHERE o.id = ANY($1::bigint[]) AND o.queue = 'sms-receipts' AND a.state = 'sent'`,
        [outboxIds],
      );
    },

    /** The open and the closed messages of ours under these provider ids. */
    async byProviderIds(
      provider: string,
      messageIds: string[],
    ): Promise<(OpenMessage & { open: boolean })[]> {
      return db.query(
        `SELECT NULL AS "outboxId", ${OPEN_MESSAGE}, ${IS_OPEN} AS open
           FROM attempts t JOIN alerts a ON a.id = t.alert_id AND a.attempt_id = t.id
          WHERE t.provider_message_id = ANY($2) AND t.provider = $1`,
        [provider, messageIds],
      );
    },

    /**
     * Writes down what the provider said. What is still open of one row of the outbox stays together, and is
     * looked at again when the first of it is due. Returns how many alerts reached a new state.
     */
    async settle(
      provider: string,
      settlements: { message: OpenMessage; decision: Decision }[],
    ): Promise<number> {
      if (settlements.length === 0) return 0;
      const rows = await db.query(
        `WITH settled AS (
           SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::json[], $7::int[])
             AS s(alert_id, outbox_id, state, reason, event_type, event_data, seconds)),
         alert AS (
           UPDATE alerts a SET state = s.state, reason = s.reason
             FROM settled s, attempts t
            WHERE a.id = s.alert_id AND t.alert_id = a.id AND t.id = a.attempt_id AND ${IS_OPEN}
              AND s.state NOT IN (a.state, 'sent')
           RETURNING a.notice_id, a.source_id, a.text IS NULL AS is_alert, s.event_type, s.event_data),
         event AS (
           INSERT INTO events (source_id, type, notice_id, actor, data)
           SELECT source_id, event_type, notice_id, $8, event_data FROM alert WHERE event_type IS NOT NULL AND is_alert),
         work AS (
           SELECT outbox_id, array_agg(alert_id) FILTER (WHERE seconds IS NOT NULL) AS ids, min(seconds) AS seconds
             FROM settled WHERE outbox_id IS NOT NULL GROUP BY outbox_id),
         again AS (
           UPDATE outbox o SET subject_ids = w.ids, run_at = now() + make_interval(secs => w.seconds),
                  relay_at = now() + make_interval(secs => w.seconds) - interval '15 minutes'
             FROM work w WHERE o.id = w.outbox_id AND w.ids IS NOT NULL),
         done AS (
           DELETE FROM outbox o USING work w WHERE o.id = w.outbox_id AND w.ids IS NULL)
         SELECT 1 FROM alert`,
        [
          settlements.map(({ message }) => message.alertId),
          settlements.map(({ message }) => message.outboxId),
          settlements.map(({ decision }) => decision.state),
          settlements.map(({ decision }) => decision.reason),
          settlements.map(({ decision }) => decision.event?.type ?? null),
          settlements.map(({ decision }) => (decision.event ? canonicalJson(decision.event.data) : null)),
          settlements.map(({ decision }) => decision.next?.seconds ?? null),
          `provider:${provider}`,
        ],
      );
      return rows.length;
    },
  };
}
