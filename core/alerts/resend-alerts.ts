import type { Queryable } from '../platform/database';
import { enqueueSql } from '../platform/outbox';
import { queuePolicy, SEND_QUEUES } from '../platform/queues';
import { statement } from '../platform/statement';
import { currentTraceParent } from '../platform/tracing';

const RESEND_ALERTS = statement(
  'resend-alerts',
  `WITH chosen AS (
     SELECT a.id FROM alerts a LEFT JOIN dead_alerts d ON d.alert_id = a.id
      WHERE a.id = ANY(:alertIds::bigint[]) AND a.address <> ''
        AND (a.state IN ('failed', 'expired') OR (a.state = 'unknown' AND d.alert_id IS NOT NULL))
        FOR UPDATE OF a SKIP LOCKED),
   revived AS (
     UPDATE alerts a SET state = 'queued', reason = NULL, expires_at = now() + make_interval(hours => :ttlHours)
       FROM chosen c WHERE a.id = c.id RETURNING a.id, a.channel, a.lane),
   unlisted AS (DELETE FROM dead_alerts d USING revived WHERE d.alert_id = revived.id),
   work AS (
     SELECT sizes.queue, id,
            (row_number() OVER (PARTITION BY sizes.queue ORDER BY id) - 1) / size AS set_number
       FROM revived JOIN unnest(:queues::text[], :setSizes::int[]) sizes(queue, size)
            ON sizes.queue = channel || '-' || lane),
   added AS (
     ${enqueueSql({
       queue: 'queue',
       subjectIds: 'array_agg(id ORDER BY id)',
       from: 'work GROUP BY queue, set_number',
     })})
   SELECT 1 FROM revived`,
  {},
);

/**
 * Puts alerts that ended badly back into their lanes, with a new time to live: a worker sends each under the number of a new
 * attempt. The attempts before stay as they are.
 *
 * Alerts that were sent or are on their way are left alone, and so are unknown alerts that workers still look up, alerts that a
 * worker holds at this moment, and alerts whose address is no longer kept.
 *
 * @param ttlHours the time to live, from now
 * @returns the number of alerts put back
 */
export async function resendAlerts(trx: Queryable, alertIds: string[], ttlHours: number): Promise<number> {
  const rows = await trx.query(RESEND_ALERTS, {
    alertIds,
    ttlHours,
    queues: SEND_QUEUES,
    setSizes: SEND_QUEUES.map((queue) => queuePolicy(queue).setSize),
    trace: currentTraceParent(),
  });
  return rows.length;
}
