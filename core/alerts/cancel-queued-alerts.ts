import { canonicalJson } from '../events/events';
import type { Queryable } from '../platform/database';
import { completeWorkSql } from '../platform/outbox';
import { CHANNELS, SEND_QUEUES } from '../platform/queues';

const CANCELLED_REASON = 'an operator took it back';

/**
 * Takes back the alerts of one source system that were not sent yet, in one statement. An alert a worker is
 * sending, or claiming at this moment, is not waiting any more; its work finds the cancelled ones gone.
 *
 * @param upTo the last alert that was seen to wait: what came later was not decided about
 * @returns how many
 */
export async function cancelQueuedAlerts(
  trx: Queryable,
  sourceId: number,
  upTo: string,
  operator: string,
): Promise<number> {
  const [row] = await trx.query<{ count: number }>(
    `WITH waiting AS (
       SELECT o.id AS outbox_id, a.id
         FROM outbox o CROSS JOIN unnest(o.subject_ids) subject JOIN alerts a ON a.id = subject
        WHERE o.queue = ANY($2) AND a.source_id = $1 AND a.state = 'queued' AND a.id <= $3
          FOR UPDATE OF a SKIP LOCKED),
     cancelled AS (
       UPDATE alerts a SET state = 'cancelled', reason = $4 FROM waiting w WHERE a.id = w.id
       RETURNING w.outbox_id, a.id AS subject_id, a.notice_id, a.channel, a.text),
     event AS (
       INSERT INTO events (source_id, type, notice_id, actor, data)
       SELECT $1, 'alert.failed', notice_id, $5, event.data
         FROM cancelled JOIN unnest($6::text[], $7::json[]) event(channel, data) USING (channel)
        WHERE text IS NULL),
     ${completeWorkSql('cancelled')}
     SELECT count(*)::int AS count FROM cancelled`,
    [
      sourceId,
      SEND_QUEUES,
      upTo,
      CANCELLED_REASON,
      `operator:${operator}`,
      CHANNELS,
      CHANNELS.map((channel) => canonicalJson({ channel, code: 'cancelled', reason: CANCELLED_REASON })),
    ],
  );
  return row?.count ?? 0;
}
