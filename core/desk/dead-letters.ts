import type { Queryable } from '../platform/database';
import { AT_ONCE } from './actions/deal-with';
import type { DeadGroup } from './subjects';

export type { DeadGroup } from './subjects';

/** How many there are of something, and since when. */
export interface Tally {
  count: number;
  since: Date;
}

export interface RefusalGroup extends Tally {
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

export interface RefusedLetter {
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

export interface StrayCallback {
  id: string;
  at: Date;
  providerMessageId: string;
  status: number;
}

/** How many of a group a page lists: the newest. */
const LISTED = 50;

/** What a person has to look at, until somebody deals with it. */
export function createDeadLetters(db: Queryable) {
  return {
    /** Alerts that ended badly, by what belongs together; the largest group first. */
    async alertGroups(): Promise<(DeadGroup & Tally)[]> {
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
    async callbacks(): Promise<Tally | null> {
      const [row] = await db.query<{ count: number; since: Date | null }>(
        `SELECT count(*)::int AS count, min(received_at) AS since
           FROM sms_callbacks WHERE matched = false AND dealt_with_at IS NULL`,
      );
      return row?.since ? { count: row.count, since: row.since } : null;
    },

    async alertsOf({ channel, state, cause }: DeadGroup): Promise<DeadAlert[]> {
      return db.query<DeadAlert & Record<string, unknown>>(
        `SELECT d.alert_id AS "alertId", a.notice_id AS "noticeId", n.tracking_number AS "trackingNumber",
                s.title AS "sourceTitle", d.at, a.reason
           FROM (SELECT alert_id, at FROM dead_alerts WHERE channel = $1 AND state = $2 AND cause = $3
                  ORDER BY at DESC LIMIT ${LISTED}) d
           JOIN alerts a ON a.id = d.alert_id JOIN notices n ON n.id = a.notice_id
           JOIN source_systems s ON s.id = a.source_id ORDER BY d.at DESC, d.alert_id DESC`,
        [channel, state, cause],
      );
    },

    async refusalsOf(code: string): Promise<RefusedLetter[]> {
      return db.query<RefusedLetter & Record<string, unknown>>(
        `SELECT r.id, r.at, r.door, s.title AS "sourceTitle", r.key_id AS "keyId", r.reference, r.detail,
                n.id AS "noticeId"
           FROM (SELECT * FROM refusals WHERE code = $1 AND dealt_with_at IS NULL ORDER BY at DESC LIMIT ${LISTED}) r
           LEFT JOIN source_systems s ON s.id = r.source_id
           LEFT JOIN notices n ON n.source_id = r.source_id AND n.reference = r.reference
          ORDER BY r.at DESC, r.id DESC`,
        [code],
      );
    },

    async latestCallbacks(): Promise<StrayCallback[]> {
      return db.query<StrayCallback & Record<string, unknown>>(
        `SELECT id, received_at AS at, provider_message_id AS "providerMessageId", status
           FROM sms_callbacks WHERE matched = false AND dealt_with_at IS NULL
          ORDER BY received_at DESC LIMIT ${LISTED}`,
      );
    },

    /** An instant by which everything shown so far had come, on the clock of PostgreSQL, in whole milliseconds. */
    async now(): Promise<Date> {
      const [row] = await db.query<{ now: Date }>(`SELECT now() + interval '1 millisecond' AS now`);
      return (row as { now: Date }).now;
    },

    /** The alerts of a group that one action is about: the oldest, up to an instant. @returns their ids */
    async oldestOf({ channel, state, cause }: DeadGroup, upTo: Date): Promise<string[]> {
      const rows = await db.query<{ id: string }>(
        `SELECT alert_id AS id FROM dead_alerts
          WHERE channel = $1 AND state = $2 AND cause = $3 AND at <= $4 ORDER BY at LIMIT ${AT_ONCE}`,
        [channel, state, cause, upTo],
      );
      return rows.map(({ id }) => id);
    },

    async sizeOf({ channel, state, cause }: DeadGroup): Promise<number> {
      const [row] = await db.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM dead_alerts WHERE channel = $1 AND state = $2 AND cause = $3`,
        [channel, state, cause],
      );
      return row?.count ?? 0;
    },

    async sizeOfRefusals(code: string): Promise<number> {
      const [row] = await db.query<{ count: number }>(
        'SELECT count(*)::int AS count FROM refusals WHERE code = $1 AND dealt_with_at IS NULL',
        [code],
      );
      return row?.count ?? 0;
    },
  };
}
