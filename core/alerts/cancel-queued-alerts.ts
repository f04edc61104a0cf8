import { canonicalJson } from '../events/events';
import type { Queryable } from '../platform/database';
import { completeWorkSql } from '../platform/outbox';
import { CHANNELS, SEND_QUEUES } from '../platform/queues';
import { statement } from '../platform/statement';

const CANCELLED_REASON = 'an operator took it back';

const CANCEL_QUEUED_ALERTS = statement<{ count: number }>(
  'cancel-queued-alerts',
  `WITH queued AS (
     SELECT o.id AS outbox_id, a.id
       FROM outbox o CROSS JOIN unnest(o.subject_ids) subject JOIN alerts a ON a.id = subject
      WHERE o.queue = ANY(:queues::text[]) AND a.source_id = :sourceId::int AND a.state = 'queued' AND a.id <= :upTo::bigint
        FOR UPDATE OF a SKIP LOCKED),
   cancelled AS (
     UPDATE alerts a SET state = 'cancelled', reason = :reason FROM queued q WHERE a.id = q.id
     RETURNING q.outbox_id, a.id AS subject_id, a.notice_id, a.channel, a.text),
   event AS (
     INSERT INTO events (source_id, type, notice_id, actor, data)
     SELECT :sourceId::int, 'alert.failed', notice_id, :actor::text, event.data
       FROM cancelled JOIN unnest(:channels::text[], :eventData::json[]) event(channel, data) USING (channel)
      WHERE text IS NULL),
   ${completeWorkSql('cancelled')}
   SELECT count(*)::int AS count FROM cancelled`,
  { count: 'int4' },
);

/**
 * Cancels the alerts of one source system that are still queued, in one statement. An alert that a worker is sending or claiming
 * at this moment is not queued any more; a worker that comes later finds the cancelled ones gone.
 *
 * @param upTo the id of the last alert the operator saw: alerts that came later were not decided about
 * @returns the number of cancelled alerts
 */
export async function cancelQueuedAlerts(
  trx: Queryable,
  sourceId: number,
  upTo: string,
  operator: string,
): Promise<number> {
  const [row] = await trx.query(CANCEL_QUEUED_ALERTS, {
    sourceId,
    upTo,
    queues: SEND_QUEUES,
    reason: CANCELLED_REASON,
    actor: `operator:${operator}`,
    channels: CHANNELS,
    eventData: CHANNELS.map((channel) =>
      canonicalJson({ channel, code: 'cancelled', reason: CANCELLED_REASON }),
    ),
  });
  return row?.count ?? 0;
}
