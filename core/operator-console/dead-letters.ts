import type { Queryable } from '../platform/database';
import { MAX_ROWS_PER_ACTION } from './acknowledge';
import type { DeadAlertGroup } from './audit-subjects';

export type { DeadAlertGroup } from './audit-subjects';

/** How many there are of something, and since when. */
export interface GroupSize {
  count: number;
  since: Date;
}

export interface RefusalGroup extends GroupSize {
  code: string;
}

export interface DeadAlert {
  alertId: string;
  noticeId: string;
  trackingNumber: string;
  sourceTitle: string;
  at: Date;
  /** In words an operator understands. */
  reason: string | null;
}

export interface RefusedNotice {
  id: string;
  at: Date;
  door: string;
  /** Null when nobody could be held to it. */
  sourceTitle: string | null;
  keyId: string | null;
  reference: string | null;
  detail: string;
  /** The notice that was accepted under the same reference, if there is one. */
  noticeId: string | null;
}

export interface UnmatchedCallback {
  id: string;
  at: Date;
  providerMessageId: string;
  status: number;
}

/** How many of a group a page lists: the newest. */
const PAGE_ROWS = 50;

/** What a person has to look at, until somebody deals with it. */
export function createDeadLetters(db: Queryable) {
  return {
    /** Alerts that ended badly, by what belongs together; the largest group first. */
    async alertGroups(): Promise<(DeadAlertGroup & GroupSize)[]> {
      return db.query(
        `SELECT channel, state, cause, count(*)::int AS count, min(at) AS since
           FROM dead_alerts GROUP BY channel, state, cause ORDER BY count DESC, channel, state, cause`,
      );
    },

    /** Notices that were refused, by the code of the refusal. A wrong signature has a code of its own. */
    async refusalGroups(): Promise<RefusalGroup[]> {
      return db.query(
        `SELECT code, count(*)::int AS count, min(at) AS since
           FROM refusals WHERE dealt_with_at IS NULL GROUP BY code ORDER BY count DESC, code`,
      );
    },

    /** Delivery reports that matched nothing. */
    async callbackGroup(): Promise<GroupSize | null> {
      const [row] = await db.query<{ count: number; since: Date | null }>(
        `SELECT count(*)::int AS count, min(received_at) AS since
           FROM sms_callbacks WHERE matched = false AND dealt_with_at IS NULL`,
      );
      return row?.since ? { count: row.count, since: row.since } : null;
    },

    async latestAlerts({ channel, state, cause }: DeadAlertGroup): Promise<DeadAlert[]> {
      return db.query<DeadAlert & Record<string, unknown>>(
        `SELECT d.alert_id AS "alertId", a.notice_id AS "noticeId", n.tracking_number AS "trackingNumber",
                s.title AS "sourceTitle", d.at, a.reason
           FROM (SELECT alert_id, at FROM dead_alerts WHERE channel = $1 AND state = $2 AND cause = $3
                  ORDER BY at DESC LIMIT ${PAGE_ROWS}) d
           JOIN alerts a ON a.id = d.alert_id JOIN notices n ON n.id = a.notice_id
           JOIN source_systems s ON s.id = a.source_id ORDER BY d.at DESC, d.alert_id DESC`,
        [channel, state, cause],
      );
    },

    async latestRefusals(code: string): Promise<RefusedNotice[]> {
      return db.query<RefusedNotice & Record<string, unknown>>(
        `SELECT r.id, r.at, r.door, s.title AS "sourceTitle", r.key_id AS "keyId", r.reference, r.detail,
                n.id AS "noticeId"
           FROM (SELECT * FROM refusals WHERE code = $1 AND dealt_with_at IS NULL ORDER BY at DESC LIMIT ${PAGE_ROWS}) r
           LEFT JOIN source_systems s ON s.id = r.source_id
           LEFT JOIN notices n ON n.source_id = r.source_id AND n.reference = r.reference
          ORDER BY r.at DESC, r.id DESC`,
        [code],
      );
    },

    async latestCallbacks(): Promise<UnmatchedCallback[]> {
      return db.query<UnmatchedCallback & Record<string, unknown>>(
        `SELECT id, received_at AS at, provider_message_id AS "providerMessageId", status
           FROM sms_callbacks WHERE matched = false AND dealt_with_at IS NULL
          ORDER BY received_at DESC LIMIT ${PAGE_ROWS}`,
      );
    },

    /** An instant by which everything shown so far had come, on the clock of PostgreSQL, in whole milliseconds. */
    async now(): Promise<Date> {
      const [row] = await db.query<{ now: Date }>(`SELECT now() + interval '1 millisecond' AS now`);
      return (row as { now: Date }).now;
    },

    /** The alerts of a group that one action is about: the oldest, up to an instant. @returns their ids */
    async oldestAlertIds({ channel, state, cause }: DeadAlertGroup, upTo: Date): Promise<string[]> {
      const rows = await db.query<{ id: string }>(
        `SELECT alert_id AS id FROM dead_alerts
          WHERE channel = $1 AND state = $2 AND cause = $3 AND at <= $4 ORDER BY at LIMIT ${MAX_ROWS_PER_ACTION}`,
        [channel, state, cause, upTo],
      );
      return rows.map(({ id }) => id);
    },

    async alertGroupSize({ channel, state, cause }: DeadAlertGroup): Promise<number> {
      const [row] = await db.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM dead_alerts WHERE channel = $1 AND state = $2 AND cause = $3`,
        [channel, state, cause],
      );
      return row?.count ?? 0;
    },

    async refusalGroupSize(code: string): Promise<number> {
      const [row] = await db.query<{ count: number }>(
        'SELECT count(*)::int AS count FROM refusals WHERE code = $1 AND dealt_with_at IS NULL',
        [code],
      );
      return row?.count ?? 0;
    },
  };
}
