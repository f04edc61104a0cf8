import { canonicalJson } from '../events/events';
import type { Queryable } from '../platform/database';
import { completeWorkSql } from '../platform/outbox';
import { CHANNELS, SEND_QUEUES } from '../platform/queues';
import { deadLetterSql } from './dead-letter-sql';

const RESTORED_REASON =
  'the database was restored: it may have been sent in the time that is lost; a person decides';

/**
 * Keeps alerts from being sent a second time after the database went back to an earlier moment. Those that waited
 * then have no number the provider could be asked by: a person decides about them. Those that were being sent have
 * one: it is asked about, but their time is over, so nothing of them is sent again by itself. Those that had been sent
 * come in doubt only if their recipient turns out to block the line (`createReceipts`).
 *
 * @param lostAfter the moment; alerts of notices taken in later are not in doubt
 */
export async function holdAlertsInDoubt(
  trx: Queryable,
  lostAfter: Date,
): Promise<{ held: number; asked: number }> {
  const [row] = await trx.query<{ held: number; asked: number }>(
    `WITH work AS (
       SELECT o.id AS outbox_id, a.id AS subject_id, a.state
         FROM outbox o CROSS JOIN unnest(o.subject_ids) subject JOIN alerts a ON a.id = subject
         JOIN notices n ON n.id = a.notice_id
        WHERE o.queue = ANY($2) AND n.accepted_at <= $1 AND a.state IN ('queued', 'sending', 'unknown')
          FOR UPDATE OF a),
     held AS (
       UPDATE alerts a SET state = 'unknown', reason = $3 FROM work w WHERE a.id = w.subject_id AND w.state = 'queued'
       RETURNING a.id, a.notice_id, a.source_id, a.channel, a.text, w.outbox_id, w.subject_id),
     asked AS (
       UPDATE alerts a SET expires_at = least(a.expires_at, now())
         FROM work w WHERE a.id = w.subject_id AND w.state <> 'queued' RETURNING 1),
     event AS (
       INSERT INTO events (source_id, type, notice_id, actor, data)
       SELECT source_id, 'alert.unknown', notice_id, 'system', event.data
         FROM held JOIN unnest($4::text[], $5::json[]) event(channel, data) USING (channel) WHERE text IS NULL),
     ${deadLetterSql(`SELECT id, channel, 'unknown', 'restored' FROM held`)},
     ${completeWorkSql('held')}
     SELECT (SELECT count(*) FROM held)::int AS held, (SELECT count(*) FROM asked)::int AS asked`,
    [
      lostAfter,
      SEND_QUEUES,
      RESTORED_REASON,
      CHANNELS,
      CHANNELS.map((channel) => canonicalJson({ channel, code: 'restored', reason: RESTORED_REASON })),
    ],
  );
  return row ?? { held: 0, asked: 0 };
}
