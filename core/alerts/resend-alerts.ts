import type { Queryable } from '../platform/database';
import { queuePolicy, SEND_QUEUES } from '../platform/queues';
import { currentTraceParent } from '../platform/tracing';

/**
 * Puts alerts that ended badly back into their lanes, with a new time to live: a worker sends each under the
 * number of a new attempt. The attempts before stay as they are.
 *
 * An alert that was sent or is on its way is never touched, nor one of unknown fate that the workers still
 * ask about, nor one a worker holds at this moment, nor one whose address is no longer kept.
 *
 * @param ttlHours how long they are tried
 * @returns how many
 */
export async function resendAlerts(trx: Queryable, alertIds: string[], ttlHours: number): Promise<number> {
  const rows = await trx.query(
    `WITH chosen AS (
       SELECT a.id FROM alerts a LEFT JOIN dead_alerts d ON d.alert_id = a.id
        WHERE a.id = ANY($1::bigint[]) AND a.address <> ''
          AND (a.state IN ('failed', 'expired') OR (a.state = 'unknown' AND d.alert_id IS NOT NULL))
          FOR UPDATE OF a SKIP LOCKED),
     revived AS (
       UPDATE alerts a SET state = 'queued', reason = NULL, expires_at = now() + make_interval(hours => $2)
         FROM chosen c WHERE a.id = c.id RETURNING a.id, a.channel, a.lane),
     over AS (DELETE FROM dead_alerts d USING revived WHERE d.alert_id = revived.id),
     work AS (
       SELECT sizes.queue, id,
              (row_number() OVER (PARTITION BY sizes.queue ORDER BY id) - 1) / size AS part
         FROM revived JOIN unnest($3::text[], $4::int[]) sizes(queue, size) ON sizes.queue = channel || '-' || lane),
     added AS (
       INSERT INTO outbox (queue, subject_ids, run_at, relay_at, trace)
       SELECT queue, array_agg(id ORDER BY id), now(), now(), $5 FROM work GROUP BY queue, part)
     SELECT 1 FROM revived`,
    [
      alertIds,
      ttlHours,
      SEND_QUEUES,
      SEND_QUEUES.map((queue) => queuePolicy(queue).setSize),
      currentTraceParent(),
    ],
  );
  return rows.length;
}
