import type { Queryable } from '../platform/database';
import { completeWorkSql } from '../platform/outbox';
import type { Channel, OutboxQueue } from '../platform/queues';
import { statement } from '../platform/statement';
import { createClaims, STALE_CLAIM_SECONDS, STILL_IN_QUEUE_SQL } from './claims';
import { deadLetterSql } from './dead-letter-sql';
import { SETTLE_ALERTS, type Settlement, settleValues } from './settlement';

export type { Settlement } from './settlement';

const EXPIRE_ALERTS = statement(
  'expire-alerts',
  `WITH expired AS (
     UPDATE alerts a SET state = 'expired', reason = coalesce(a.reason, 'it could not be sent in time')
       FROM outbox o, unnest(o.subject_ids) AS due(alert_id)
      WHERE o.id = ANY(:outboxIds::bigint[]) AND ${STILL_IN_QUEUE_SQL} AND a.id = due.alert_id
        AND a.state = 'queued' AND a.expires_at <= now()
     RETURNING a.notice_id, a.source_id, a.reason, a.text, a.attempt_id, o.id AS outbox_id, a.id AS subject_id),
   event AS (
     INSERT INTO events (source_id, type, notice_id, actor, data)
     SELECT source_id, 'alert.expired', notice_id, 'system',
            json_build_object('channel', :channel::text, 'reason', reason) FROM expired WHERE text IS NULL),
   ${deadLetterSql(`SELECT e.subject_id, :channel::text, 'expired', coalesce(t.code, 'none')
                      FROM expired e LEFT JOIN attempts t ON t.alert_id = e.subject_id AND t.id = e.attempt_id`)},
   ${completeWorkSql('expired')}
   SELECT 1 FROM expired`,
  {},
);

const CLEAN_UP_UNCLAIMED = statement(
  'clean-up-unclaimed-alerts',
  `WITH unclaimed AS (
     SELECT o.id AS outbox_id, a.id AS subject_id, a.state, a.claimed_at
       FROM outbox o, unnest(o.subject_ids) AS due(alert_id) JOIN alerts a ON a.id = due.alert_id
      WHERE o.id = ANY(:outboxIds::bigint[]) AND ${STILL_IN_QUEUE_SQL} AND a.state <> 'queued'),
   busy AS (
     SELECT outbox_id, array_agg(subject_id) AS ids, max(claimed_at) AS claimed_at
       FROM unclaimed WHERE state = 'sending' GROUP BY outbox_id),
   rechecked AS (
     UPDATE outbox o SET relay_at = busy.claimed_at + make_interval(secs => :staleSeconds)
       FROM busy WHERE o.id = busy.outbox_id),
   done AS (
     SELECT outbox_id, subject_id FROM unclaimed
      WHERE state NOT IN ('sending', 'unknown') AND outbox_id NOT IN (SELECT outbox_id FROM busy)),
   ${completeWorkSql('done')}
   SELECT`,
  {},
);

interface OverdueRow {
  queue: OutboxQueue;
  id: string;
}

const FIND_OVERDUE = statement<OverdueRow>(
  'find-overdue-alerts',
  `SELECT o.queue, o.id FROM outbox o
    WHERE o.queue = ANY(:queues::text[]) AND o.relay_at <= now()
      AND EXISTS (SELECT FROM unnest(o.subject_ids) AS due(alert_id) JOIN alerts a ON a.id = due.alert_id
                   WHERE a.state = 'queued' AND a.expires_at <= now())
    LIMIT :limit`,
  { queue: 'text', id: 'int8' },
);

/**
 * The verbs of workers for the alerts of one channel. An alert is claimed, and the claim committed, before a byte leaves; only
 * the owner of the latest claim settles the alert. That is what keeps an alert from being sent twice.
 */
export function createAlerts(db: Queryable, channel: Channel) {
  return {
    ...createClaims(db, channel),

    /**
     * Writes the outcomes of attempts and their consequences: attempt, alert, event and outbox, in one statement. Alerts of
     * one outbox row that all go on to the same work stay one row. A settlement whose claim is no longer the latest changes
     * nothing.
     *
     * @returns the number of settlements that took effect
     */
    async settle(line: string, settlements: Settlement[]): Promise<number> {
      if (settlements.length === 0) return 0;
      const rows = await db.query(SETTLE_ALERTS, settleValues(channel, line, settlements));
      return rows.length;
    },

    /** Expires the alerts of the set whose time to live ended before they were sent. Returns how many. */
    async expire(queue: OutboxQueue, outboxIds: string[]): Promise<number> {
      const rows = await db.query(EXPIRE_ALERTS, { queue, outboxIds, channel });
      return rows.length;
    },

    /**
     * Cleans up after a claim that left alerts out: completes the work of alerts that are done, and lets the relay publish the
     * alerts that another worker is sending once that worker must have finished or died.
     */
    async cleanUpUnclaimed(queue: OutboxQueue, outboxIds: string[]): Promise<void> {
      if (outboxIds.length === 0) return;
      await db.query(CLEAN_UP_UNCLAIMED, { queue, outboxIds, staleSeconds: STALE_CLAIM_SECONDS[channel] });
    },

    /** Finds outbox rows with alerts whose time to live is over, in queues that the relay does not publish. */
    overdue: (queues: OutboxQueue[], limit = 100): Promise<OverdueRow[]> =>
      db.query(FIND_OVERDUE, { queues, limit }),
  };
}
