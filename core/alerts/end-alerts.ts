import { canonicalJson, type EventData, type EventType } from '../events/events';
import type { Queryable } from '../platform/database';
import { CHANNELS, type Channel } from '../platform/queues';
import { statement } from '../platform/statement';

/** SQL: the unknown alerts that no worker looks up any more, because a person decides. Alerts that a worker holds are left out. */
const IN_DOUBT_SQL = `
  SELECT a.id FROM alerts a JOIN dead_alerts d ON d.alert_id = a.id
   WHERE a.id = ANY(:alertIds::bigint[]) AND a.state = 'unknown'
     FOR UPDATE OF a SKIP LOCKED`;

/** SQL: the event of each decided alert. An SMS that is not a notice's own alert has no place in the timeline. */
const EVENT_SQL = `
  INSERT INTO events (source_id, type, notice_id, actor, data)
  SELECT source_id, :eventType::text, notice_id, :actor::text, event.data
    FROM decided JOIN unnest(:channels::text[], :eventData::json[]) event(channel, data) USING (channel)
   WHERE text IS NULL`;

const COUNT_AS_SENT = statement(
  'count-alerts-as-sent',
  `WITH chosen AS (${IN_DOUBT_SQL}),
   decided AS (
     UPDATE alerts a SET state = 'sent', reason = NULL, sent_at = coalesce(a.sent_at, a.attempt_at, now())
       FROM chosen c WHERE a.id = c.id
     RETURNING a.id, a.notice_id, a.source_id, a.channel, a.text),
   unlisted AS (DELETE FROM dead_alerts d USING decided WHERE d.alert_id = decided.id),
   event AS (${EVENT_SQL})
   SELECT 1 FROM decided`,
  {},
);

const GIVE_UP = statement(
  'give-up-alerts',
  `WITH chosen AS (${IN_DOUBT_SQL}),
   decided AS (
     UPDATE alerts a SET state = 'failed', reason = :reason FROM chosen c WHERE a.id = c.id
     RETURNING a.id, a.notice_id, a.source_id, a.channel, a.text),
   event AS (${EVENT_SQL})
   DELETE FROM dead_alerts WHERE alert_id IN (
     SELECT alert_id FROM dead_alerts
      WHERE alert_id = ANY(:alertIds::bigint[]) AND (state <> 'unknown' OR alert_id IN (SELECT id FROM decided))
        FOR UPDATE SKIP LOCKED) RETURNING 1`,
  {},
);

const GIVEN_UP_REASON = 'an operator gave it up';

/**
 * Counts unknown alerts as sent, because an operator knows that they were.
 *
 * @returns the number of alerts that were still unknown; the others stay as they are
 */
export async function countAsSent(trx: Queryable, alertIds: string[], operator: string): Promise<number> {
  const rows = await trx.query(COUNT_AS_SENT, {
    alertIds,
    ...eventValues('alert.sent', operator, (channel) => ({
      channel,
      providerMessageId: null,
      cost: null,
      parts: null,
      decidedBy: 'operator',
    })),
  });
  return rows.length;
}

/**
 * Gives up alerts that ended badly: they leave the list of dead letters, and an unknown one becomes failed.
 *
 * @returns the number of alerts that were still listed; the others stay as they are
 */
export async function giveUp(trx: Queryable, alertIds: string[], operator: string): Promise<number> {
  const rows = await trx.query(GIVE_UP, {
    alertIds,
    reason: GIVEN_UP_REASON,
    ...eventValues('alert.failed', operator, (channel) => ({
      channel,
      code: 'given_up',
      reason: GIVEN_UP_REASON,
      decidedBy: 'operator',
    })),
  });
  return rows.length;
}

/** Gives the bindings of EVENT_SQL. */
const eventValues = (eventType: EventType, operator: string, dataOf: (channel: Channel) => EventData) => ({
  eventType,
  actor: `operator:${operator}`,
  channels: CHANNELS,
  eventData: CHANNELS.map((channel) => canonicalJson(dataOf(channel))),
});
