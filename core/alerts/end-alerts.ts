import { canonicalJson, type EventData, type EventType } from '../events/events';
import type { Queryable } from '../platform/database';
import { CHANNELS, type Channel } from '../platform/queues';

/** Those whose fate a person decides: no worker will look at them again. What a worker holds just now is left out. */
const IN_DOUBT_SQL = `
  SELECT a.id FROM alerts a JOIN dead_alerts d ON d.alert_id = a.id
   WHERE a.id = ANY($1::bigint[]) AND a.state = 'unknown'
     FOR UPDATE OF a SKIP LOCKED`;

/** Written for each alert; an SMS about a notice that is not its alert has no place in the timeline. */
const EVENT_SQL = `
  INSERT INTO events (source_id, type, notice_id, actor, data)
  SELECT source_id, $2, notice_id, $3, event.data
    FROM decided JOIN unnest($4::text[], $5::json[]) event(channel, data) USING (channel) WHERE text IS NULL`;

/**
 * Lets alerts whose fate is unknown count as sent, because somebody knows that they were.
 *
 * @param operator whose word it is
 * @returns how many; what is not unknown any more is left as it is
 */
export async function countAsSent(trx: Queryable, alertIds: string[], operator: string): Promise<number> {
  const rows = await trx.query(
    `WITH chosen AS (${IN_DOUBT_SQL}),
     decided AS (
       UPDATE alerts a SET state = 'sent', reason = NULL, sent_at = coalesce(a.sent_at, a.attempt_at, now())
         FROM chosen c WHERE a.id = c.id
       RETURNING a.id, a.notice_id, a.source_id, a.channel, a.text),
     over AS (DELETE FROM dead_alerts d USING decided WHERE d.alert_id = decided.id),
     event AS (${EVENT_SQL})
     SELECT 1 FROM decided`,
    [
      alertIds,
      ...eventValues('alert.sent', operator, (channel) => ({
        channel,
        providerMessageId: null,
        cost: null,
        parts: null,
        decidedBy: 'operator',
      })),
    ],
  );
  return rows.length;
}

const GIVEN_UP_REASON = 'an operator gave it up';

/**
 * Deals with alerts that ended badly by leaving it at that. One whose fate was unknown has failed from now on.
 *
 * @returns how many; those that were dealt with meanwhile are left as they are
 */
export async function giveUp(trx: Queryable, alertIds: string[], operator: string): Promise<number> {
  const rows = await trx.query(
    `WITH chosen AS (${IN_DOUBT_SQL}),
     decided AS (
       UPDATE alerts a SET state = 'failed', reason = $6 FROM chosen c WHERE a.id = c.id
       RETURNING a.id, a.notice_id, a.source_id, a.channel, a.text),
     event AS (${EVENT_SQL})
     DELETE FROM dead_alerts WHERE alert_id IN (
       SELECT alert_id FROM dead_alerts
        WHERE alert_id = ANY($1::bigint[]) AND (state <> 'unknown' OR alert_id IN (SELECT id FROM decided))
          FOR UPDATE SKIP LOCKED) RETURNING 1`,
    [
      alertIds,
      ...eventValues('alert.failed', operator, (channel) => ({
        channel,
        code: 'given_up',
        reason: GIVEN_UP_REASON,
        decidedBy: 'operator',
      })),
      GIVEN_UP_REASON,
    ],
  );
  return rows.length;
}

/** $2 to $5 of EVENT. */
const eventValues = (type: EventType, operator: string, dataOf: (channel: Channel) => EventData) => [
  type,
  `operator:${operator}`,
  CHANNELS,
  CHANNELS.map((channel) => canonicalJson(dataOf(channel))),
];
