import type { Queryable } from '../platform/database';
import { statement } from '../platform/statement';
import { MAX_ROWS_PER_ACTION } from './acknowledge';
import type { DeadAlertGroup } from './audit-subjects';

/** The number of members of a group, and the instant of its oldest member. */
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
  /** Null when the sender was not authenticated. */
  sourceTitle: string | null;
  keyId: string | null;
  reference: string | null;
  detail: string;
  /** The notice accepted under the same reference, if there is one. */
  noticeId: string | null;
}

export interface UnmatchedCallback {
  id: string;
  at: Date;
  providerMessageId: string;
  status: number;
}

/** How many members of a group a page lists, the newest first. */
const PAGE_ROWS = 50;

const IN_GROUP_SQL = 'channel = :channel AND state = :state AND cause = :cause';
const UNMATCHED_SQL = 'matched = false AND dealt_with_at IS NULL';

const GROUP_DEAD_ALERTS = statement<DeadAlertGroup & GroupSize>(
  'group-dead-alerts',
  `SELECT channel, state, cause, count(*)::int AS count, min(at) AS since
     FROM dead_alerts GROUP BY channel, state, cause ORDER BY count DESC, channel, state, cause`,
  { channel: 'text', state: 'text', cause: 'text', count: 'int4', since: 'timestamptz' },
);

const GROUP_REFUSALS = statement<RefusalGroup>(
  'group-refusals',
  `SELECT code, count(*)::int AS count, min(at) AS since
     FROM refusals WHERE dealt_with_at IS NULL GROUP BY code ORDER BY count DESC, code`,
  { code: 'text', count: 'int4', since: 'timestamptz' },
);

const COUNT_UNMATCHED_CALLBACKS = statement<{ count: number; since: Date | null }>(
  'count-unmatched-callbacks',
  `SELECT count(*)::int AS count, min(received_at) AS since FROM sms_callbacks WHERE ${UNMATCHED_SQL}`,
  { count: 'int4', since: 'timestamptz?' },
);

const LATEST_DEAD_ALERTS = statement<DeadAlert>(
  'latest-dead-alerts',
  `SELECT d.alert_id AS "alertId", a.notice_id AS "noticeId", n.tracking_number AS "trackingNumber",
          s.title AS "sourceTitle", d.at, a.reason
     FROM (SELECT alert_id, at FROM dead_alerts WHERE ${IN_GROUP_SQL} ORDER BY at DESC LIMIT ${PAGE_ROWS}) d
     JOIN alerts a ON a.id = d.alert_id JOIN notices n ON n.id = a.notice_id
     JOIN source_systems s ON s.id = a.source_id ORDER BY d.at DESC, d.alert_id DESC`,
  {
    alertId: 'int8',
    noticeId: 'uuid',
    trackingNumber: 'int8',
    sourceTitle: 'text',
    at: 'timestamptz',
    reason: 'text?',
  },
);

const LATEST_REFUSALS = statement<RefusedNotice>(
  'latest-refusals',
  `SELECT r.id, r.at, r.door, s.title AS "sourceTitle", r.key_id AS "keyId", r.reference, r.detail,
          n.id AS "noticeId"
     FROM (SELECT * FROM refusals WHERE code = :code AND dealt_with_at IS NULL ORDER BY at DESC LIMIT ${PAGE_ROWS}) r
     LEFT JOIN source_systems s ON s.id = r.source_id
     LEFT JOIN notices n ON n.source_id = r.source_id AND n.reference = r.reference
    ORDER BY r.at DESC, r.id DESC`,
  {
    id: 'int8',
    at: 'timestamptz',
    door: 'text',
    sourceTitle: 'text?',
    keyId: 'text?',
    reference: 'text?',
    detail: 'text',
    noticeId: 'uuid?',
  },
);

const LATEST_UNMATCHED_CALLBACKS = statement<UnmatchedCallback>(
  'latest-unmatched-callbacks',
  `SELECT id, received_at AS at, provider_message_id AS "providerMessageId", status
     FROM sms_callbacks WHERE ${UNMATCHED_SQL} ORDER BY received_at DESC LIMIT ${PAGE_ROWS}`,
  { id: 'int8', at: 'timestamptz', providerMessageId: 'text', status: 'int4' },
);

const READ_SNAPSHOT_TIME = statement<{ now: Date }>(
  'read-snapshot-time',
  `SELECT now() + interval '1 millisecond' AS now`,
  { now: 'timestamptz' },
);

const OLDEST_DEAD_ALERTS = statement<{ alertId: string }>(
  'oldest-dead-alerts',
  `SELECT alert_id AS "alertId" FROM dead_alerts
    WHERE ${IN_GROUP_SQL} AND at <= :upTo ORDER BY at LIMIT ${MAX_ROWS_PER_ACTION}`,
  { alertId: 'int8' },
);

const COUNT_DEAD_ALERTS = statement<{ count: number }>(
  'count-dead-alerts',
  `SELECT count(*)::int AS count FROM dead_alerts WHERE ${IN_GROUP_SQL}`,
  { count: 'int4' },
);

const COUNT_REFUSALS = statement<{ count: number }>(
  'count-refusals',
  'SELECT count(*)::int AS count FROM refusals WHERE code = :code AND dealt_with_at IS NULL',
  { count: 'int4' },
);

/** Reads the dead letters: dead alerts, refused notices and unmatched delivery reports no operator has dealt with yet. */
export function createDeadLetters(db: Queryable) {
  return {
    /** Lists the groups of dead alerts, the largest first. */
    alertGroups: (): Promise<(DeadAlertGroup & GroupSize)[]> => db.query(GROUP_DEAD_ALERTS),

    /** Lists the refused notices by the code of the refusal. A wrong signature has a code of its own. */
    refusalGroups: (): Promise<RefusalGroup[]> => db.query(GROUP_REFUSALS),

    /** Counts the delivery reports that matched no message; null when there are none. */
    async callbackGroup(): Promise<GroupSize | null> {
      const [group] = await db.query(COUNT_UNMATCHED_CALLBACKS);
      return group?.since ? { count: group.count, since: group.since } : null;
    },

    latestAlerts: ({ channel, state, cause }: DeadAlertGroup): Promise<DeadAlert[]> =>
      db.query(LATEST_DEAD_ALERTS, { channel, state, cause }),

    latestRefusals: (code: string): Promise<RefusedNotice[]> => db.query(LATEST_REFUSALS, { code }),

    latestCallbacks: (): Promise<UnmatchedCallback[]> => db.query(LATEST_UNMATCHED_CALLBACKS),

    /**
     * Reads an instant that is later than everything shown so far, on the clock of PostgreSQL. A Date holds whole
     * milliseconds, so one is added.
     */
    async now(): Promise<Date> {
      const [row] = await db.query(READ_SNAPSHOT_TIME);
      return row?.now ?? new Date();
    },

    /** Returns the ids of the alerts one action on a group changes: the oldest, up to an instant. */
    async oldestAlertIds({ channel, state, cause }: DeadAlertGroup, upTo: Date): Promise<string[]> {
      const rows = await db.query(OLDEST_DEAD_ALERTS, { channel, state, cause, upTo });
      return rows.map(({ alertId }) => alertId);
    },

    async alertGroupSize({ channel, state, cause }: DeadAlertGroup): Promise<number> {
      const [row] = await db.query(COUNT_DEAD_ALERTS, { channel, state, cause });
      return row?.count ?? 0;
    },

    async refusalGroupSize(code: string): Promise<number> {
      const [row] = await db.query(COUNT_REFUSALS, { code });
      return row?.count ?? 0;
    },
  };
}
