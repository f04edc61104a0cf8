import { canonicalJson } from '../events/events';
import type { Queryable } from '../platform/database';
import { completeWorkSql } from '../platform/outbox';
import { CHANNELS, SEND_QUEUES } from '../platform/queues';
import { statement } from '../platform/statement';
import { deadLetterSql } from './dead-letter-sql';

const RESTORED_REASON =
  'the database was restored: it may have been sent in the time that is lost; a person decides';

/** The numbers of alerts left to a person, and of alerts that workers will ask the provider about. */
interface HeldAlerts {
  held: number;
  asked: number;
}

const HOLD_ALERTS_IN_DOUBT = statement<HeldAlerts>(
  'hold-alerts-in-doubt',
  `WITH work AS (
     SELECT o.id AS outbox_id, a.id AS subject_id, a.state
       FROM outbox o CROSS JOIN unnest(o.subject_ids) subject JOIN alerts a ON a.id = subject
       JOIN notices n ON n.id = a.notice_id
      WHERE o.queue = ANY(:queues::text[]) AND n.accepted_at <= :lostAfter AND a.state IN ('queued', 'sending', 'unknown')
        FOR UPDATE OF a),
   held AS (
     UPDATE alerts a SET state = 'unknown', reason = :reason FROM work w WHERE a.id = w.subject_id AND w.state = 'queued'
     RETURNING a.id, a.notice_id, a.source_id, a.channel, a.text, w.outbox_id, w.subject_id),
   asked AS (
     UPDATE alerts a SET expires_at = least(a.expires_at, now())
       FROM work w WHERE a.id = w.subject_id AND w.state <> 'queued' RETURNING 1),
   event AS (
     INSERT INTO events (source_id, type, notice_id, actor, data)
     SELECT source_id, 'alert.unknown', notice_id, 'system', event.data
       FROM held JOIN unnest(:channels::text[], :eventData::json[]) event(channel, data) USING (channel)
      WHERE text IS NULL),
   ${deadLetterSql(`SELECT id, channel, 'unknown', 'restored' FROM held`)},
   ${completeWorkSql('held')}
   SELECT (SELECT count(*) FROM held)::int AS held, (SELECT count(*) FROM asked)::int AS asked`,
  { held: 'int4', asked: 'int4' },
);

/**
 * Keeps alerts from being sent a second time after the database went back to an earlier moment. Alerts that were queued at that
 * moment have no attempt the provider could be asked about: they become unknown, and a person decides. Alerts that were being
 * sent have one: workers look it up, but the time to live ends now, so no worker sends them again. Alerts that had been sent come
 * in doubt only if their recipient turns out to block the line (`createReceipts`).
 *
 * @param lostAfter that moment; alerts of notices accepted later are not in doubt
 */
export async function holdAlertsInDoubt(trx: Queryable, lostAfter: Date): Promise<HeldAlerts> {
  const [row] = await trx.query(HOLD_ALERTS_IN_DOUBT, {
    lostAfter,
    queues: SEND_QUEUES,
    reason: RESTORED_REASON,
    channels: CHANNELS,
    eventData: CHANNELS.map((channel) =>
      canonicalJson({ channel, code: 'restored', reason: RESTORED_REASON }),
    ),
  });
  return row ?? { held: 0, asked: 0 };
}
