import type { Queryable } from '../platform/database';
import { type Channel, LANES, type Lane, type OutboxQueue, SEND_QUEUES, sendQueue } from '../platform/queues';
import { statement } from '../platform/statement';
import { MIN_ORDINARY_CALL_SQL, ORDINARY_CAPACITY_SQL, URGENT_CAPACITY_SQL } from './rate-limit';

/** A line: an account or sender at a provider, such as Kavenegar or the mail server. */
export interface LineState {
  name: string;
  channel: Channel;
  /** `closed`: an operator must act. `paused`: the line opens again by itself once the cause has passed. */
  state: 'open' | 'closed' | 'paused';
  code: string | null;
  reason: string | null;
  since: Date;
  /** Messages a second at most; null without a limit. */
  perSecond: number | null;
  /** The instant up to which a tripped circuit holds calls back; null while calls work. */
  brokenUntil: Date | null;
  /** The last instant at which a living process had the line configured; null if none ever did. */
  seenAt: Date | null;
}

/** The health of a line, for a sender that is about to use it. */
export interface LineHealth {
  name: string;
  /**
   * `failing`: the line works, but the last call did not. `probe_due`: its circuit is tripped, and one message may be tried.
   * `unavailable`: the line is disabled, or its circuit is tripped.
   */
  status: 'healthy' | 'failing' | 'probe_due' | 'unavailable';
  /** Whether the line has a rate, so that capacity must be acquired before it is used. */
  limited: boolean;
}

/** The lines every configuration has; alerts from before lines were written down went by them. */
export const FIRST_LINE: Record<Channel, string> = { sms: 'kavenegar', email: 'smtp' };

/** A line counts for this long after a process last registered it. */
const REGISTRATION_TTL = '60 seconds';

const IS_WORKING_SQL = `state = 'open' AND (broken_until IS NULL OR broken_until <= now())`;
const IS_REGISTERED_SQL = `(seen_at IS NULL OR seen_at > now() - interval '${REGISTRATION_TTL}')`;
const IS_DISABLED_SQL = `(state <> 'open' OR broken_until IS NOT NULL)`;
const SET_OPEN_SQL = `state = 'open', code = NULL, reason = NULL, since = now(),
                      broken_until = NULL, failures = 0, failed_probes = 0`;

/** The queues that need a line, with the channel and lane of each. Login codes have no lane, and cannot be paused. */
const SEND_TARGETS: { queue: OutboxQueue; channel: Channel; lane: Lane | null }[] = [
  ...LANES.flatMap((lane) => [
    { queue: sendQueue('sms', lane), channel: 'sms' as const, lane },
    { queue: sendQueue('email', lane), channel: 'email' as const, lane },
  ]),
  { queue: 'login-codes', channel: 'sms', lane: null },
];

const REGISTER_LINES = statement(
  'register-lines',
  `INSERT INTO lines (name, channel, per_second, seen_at)
   SELECT name, channel, per_second, now()
     FROM unnest(:names::text[], :channels::text[], :rates::int[]) l(name, channel, per_second)
    ORDER BY name
   ON CONFLICT (name) DO UPDATE SET seen_at = now(),
     per_second = CASE WHEN lines.seen_at IS NULL THEN coalesce(lines.per_second, excluded.per_second)
                       ELSE lines.per_second END`,
  {},
);

const LIST_LINES = statement<LineState>(
  'list-lines',
  `SELECT name, channel, state, code, reason, since, per_second AS "perSecond",
          broken_until AS "brokenUntil", seen_at AS "seenAt"
     FROM lines ORDER BY channel, name`,
  {
    name: 'text',
    channel: 'text',
    state: 'text',
    code: 'text?',
    reason: 'text?',
    since: 'timestamptz',
    perSecond: 'int4?',
    brokenUntil: 'timestamptz?',
    seenAt: 'timestamptz?',
  },
);

const READ_LINE_HEALTH = statement<LineHealth>(
  'read-line-health',
  `SELECT name, per_second IS NOT NULL AS limited,
          CASE WHEN NOT (${IS_WORKING_SQL}) THEN 'unavailable' WHEN broken_until IS NOT NULL THEN 'probe_due'
               WHEN failures > 0 THEN 'failing' ELSE 'healthy' END AS status
     FROM lines
    WHERE channel = :channel AND NOT is_restored()
      AND NOT EXISTS (SELECT FROM lane_pauses p WHERE p.channel = :channel AND p.lane = :lane)
    ORDER BY name`,
  { name: 'text', limited: 'bool', status: 'text' },
);

interface QueueCapacity {
  queue: OutboxQueue;
  /** Null without a limit. */
  capacity: number | null;
}

const READ_CAPACITY = statement<QueueCapacity>(
  'read-line-capacity',
  `SELECT t.queue,
          CASE WHEN bool_and(l.per_second IS NOT NULL OR l.broken_until IS NOT NULL) THEN sum(c.capacity)::int END AS capacity
     FROM unnest(:queues::text[], :channels::text[], :lanes::text[]) t(queue, channel, lane)
     JOIN lines l ON l.channel = t.channel AND ${IS_WORKING_SQL} AND ${IS_REGISTERED_SQL},
          LATERAL (SELECT CASE WHEN l.broken_until IS NOT NULL THEN 1
                               WHEN t.lane IN ('normal', 'bulk') AND ${ORDINARY_CAPACITY_SQL} < ${MIN_ORDINARY_CALL_SQL} THEN 0
                               WHEN t.lane IN ('normal', 'bulk') THEN ${ORDINARY_CAPACITY_SQL}
                               ELSE greatest(0, ${URGENT_CAPACITY_SQL}) END AS capacity) c
    WHERE NOT is_restored()
      AND NOT EXISTS (SELECT FROM lane_pauses p WHERE p.channel = t.channel AND p.lane = t.lane)
    GROUP BY t.queue`,
  { queue: 'text', capacity: 'int4?' },
);

const DISABLE_LINE = statement(
  'disable-line',
  `UPDATE lines SET state = :state::text, code = :code, reason = :reason, since = now()
    WHERE name = :name AND (state = 'open' OR (state = 'paused' AND :state::text = 'closed')) RETURNING 1`,
  {},
);

/**
 * The lines and whether each may be used. They stand in PostgreSQL, so that all processes and a wiped Redis agree. A channel may
 * send while one of the lines that living processes have configured is usable.
 */
export function createLines(db: Queryable) {
  const hasChanged = async (sql: string, values: (string | number | null)[]): Promise<boolean> =>
    (await db.query(sql, values)).length > 0;

  return {
    /** Registers the lines of a living process. A new line starts open, at the rate given; known ones stay as they are. */
    async register(lines: { name: string; channel: Channel; perSecond: number | null }[]): Promise<void> {
      await db.query(REGISTER_LINES, {
        names: lines.map(({ name }) => name),
        channels: lines.map(({ channel }) => channel),
        rates: lines.map(({ perSecond }) => perSecond),
      });
    },

    list: (): Promise<LineState[]> => db.query(LIST_LINES),

    /**
     * Reads the health of the lines of a channel. There are none while an operator pauses the lane, or while the database is
     * restored and no operator has said what is lost. Login codes have no lane.
     */
    lineHealth: (channel: Channel, lane: Lane | null): Promise<LineHealth[]> =>
      db.query(READ_LINE_HEALTH, { channel, lane }),

    /**
     * Reads the number of messages that each queue may send now; 0 for a queue that has used up its rate for the moment. A queue
     * is absent when its channel has no usable line or an operator paused its lane, and so are all queues while the database is
     * restored and no operator has said what is lost.
     */
    async availableCapacity(): Promise<Map<OutboxQueue, number>> {
      const rows = await db.query(READ_CAPACITY, {
        queues: SEND_TARGETS.map(({ queue }) => queue),
        channels: SEND_TARGETS.map(({ channel }) => channel),
        lanes: SEND_TARGETS.map(({ lane }) => lane),
      });
      return new Map(rows.map(({ queue, capacity }) => [queue, capacity ?? Number.POSITIVE_INFINITY]));
    },

    /** Disables a line; a paused line may still be closed. Returns whether that changed the line. */
    async disable(name: string, state: 'closed' | 'paused', code: string, reason: string): Promise<boolean> {
      const rows = await db.query(DISABLE_LINE, { name, state, code, reason });
      return rows.length > 0;
    },

    /** Opens a line that is disabled or whose circuit is tripped. Returns whether it was. */
    open: (name: string): Promise<boolean> =>
      hasChanged(`UPDATE lines SET ${SET_OPEN_SQL} WHERE name = $1 AND ${IS_DISABLED_SQL} RETURNING 1`, [
        name,
      ]),

    /** Opens all lines of a channel. Returns whether any was disabled or tripped. */
    openChannel: (channel: Channel): Promise<boolean> =>
      hasChanged(`UPDATE lines SET ${SET_OPEN_SQL} WHERE channel = $1 AND ${IS_DISABLED_SQL} RETURNING 1`, [
        channel,
      ]),

    /** Opens a paused line whose cause has passed. Returns false when the line is not paused any more. */
    reopen: (name: string): Promise<boolean> =>
      hasChanged(
        `UPDATE lines SET state = 'open', code = NULL, reason = NULL, since = now()
          WHERE name = $1 AND state = 'paused' RETURNING 1`,
        [name],
      ),

    /** Sets how many messages a second a line may send; null for no limit. Returns false when there is no such line. */
    setRate: (name: string, perSecond: number | null): Promise<boolean> =>
      hasChanged('UPDATE lines SET per_second = $2 WHERE name = $1 RETURNING 1', [name, perSecond]),
  };
}

/** Gives the queues of alerts that wait until a channel or a lane opens. */
export const blockedQueues = (capacity: Map<OutboxQueue, number>): OutboxQueue[] =>
  SEND_QUEUES.filter((queue) => !capacity.has(queue));
