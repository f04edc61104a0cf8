import type { Queryable } from '../platform/database';
import { type Channel, LANES, type Lane, type OutboxQueue, SEND_QUEUES, sendQueue } from '../platform/queues';
import { MIN_ORDINARY_CALL_SQL, ORDINARY_CAPACITY_SQL, URGENT_CAPACITY_SQL } from './rate-limit';

/** A way to a provider: an account or sender of Kavenegar, or the mail server. */
export interface LineState {
  name: string;
  channel: Channel;
  /** `closed`: a person must act. `paused`: opens again by itself once the cause has passed. */
  state: 'open' | 'closed' | 'paused';
  code: string | null;
  reason: string | null;
  since: Date;
  /** Messages a second at most; null without a limit. */
  perSecond: number | null;
  /** Calls are held back until then, because too many failed; null while they work. */
  brokenUntil: Date | null;
  /** When a living process last had it configured; null if none ever did. */
  seenAt: Date | null;
}

/** How a line fares, for whoever is about to use it. */
export interface LineHealth {
  name: string;
  /** `failing`: it works, but the last call did not. `probe`: it broke, and it is time to try one message. */
  health: 'well' | 'failing' | 'probe' | 'out';
  /** Whether it has a rate, so that room must be taken before it is used. */
  limited: boolean;
}

/** The lines every configuration has; alerts from before lines were written down went by them. */
export const FIRST_LINE: Record<Channel, string> = { sms: 'kavenegar', email: 'smtp' };

/** A line counts for this long after a process that configures it last said so. */
const REGISTRATION_TTL = '60 seconds';

const IS_WORKING_SQL = `state = 'open' AND (broken_until IS NULL OR broken_until <= now())`;
const IS_REGISTERED_SQL = `(seen_at IS NULL OR seen_at > now() - interval '${REGISTRATION_TTL}')`;

/** The lanes, and for login codes one that has no name, and that nobody pauses. */
const SEND_TARGETS: { queue: OutboxQueue; channel: Channel; lane: Lane | null }[] = [
  ...LANES.flatMap((lane) => [
    { queue: sendQueue('sms', lane), channel: 'sms' as const, lane },
    { queue: sendQueue('email', lane), channel: 'email' as const, lane },
  ]),
  { queue: 'login-codes', channel: 'sms', lane: null },
];

/**
 * The lines and whether each may be used; kept in PostgreSQL, so that all processes and a wiped Redis agree. A
 * channel may send while one of the lines that living processes have configured is usable.
 */
export function createLines(db: Queryable) {
  const change = async (sql: string, values: unknown[]): Promise<boolean> =>
    (await db.query(`UPDATE lines SET ${sql} RETURNING 1`, values)).length > 0;

  return {
    /** Says that a living process has these lines. A new one starts open, at the rate given; old ones stay as they are. */
    async register(lines: { name: string; channel: Channel; perSecond: number | null }[]): Promise<void> {
      await db.query(
        `INSERT INTO lines (name, channel, per_second, seen_at)
         SELECT name, channel, per_second, now() FROM unnest($1::text[], $2::text[], $3::int[]) l(name, channel, per_second)
          ORDER BY name
         ON CONFLICT (name) DO UPDATE SET seen_at = now(),
           per_second = CASE WHEN lines.seen_at IS NULL THEN coalesce(lines.per_second, excluded.per_second)
                             ELSE lines.per_second END`,
        [
          lines.map(({ name }) => name),
          lines.map(({ channel }) => channel),
          lines.map(({ perSecond }) => perSecond),
        ],
      );
    },

    async list(): Promise<LineState[]> {
      return db.query<LineState & Record<string, unknown>>(
        `SELECT name, channel, state, code, reason, since, per_second AS "perSecond",
                broken_until AS "brokenUntil", seen_at AS "seenAt"
           FROM lines ORDER BY channel, name`,
      );
    },

    /**
     * How the lines of a channel fare; none while an operator holds the lane back, or while nobody has said what
     * it means that the database was restored. Login codes have no lane.
     */
    async lineHealth(channel: Channel, lane: Lane | null): Promise<LineHealth[]> {
      return db.query<LineHealth & Record<string, unknown>>(
        `SELECT name, per_second IS NOT NULL AS limited,
                CASE WHEN NOT (${IS_WORKING_SQL}) THEN 'out' WHEN broken_until IS NOT NULL THEN 'probe'
                     WHEN failures > 0 THEN 'failing' ELSE 'well' END AS health
           FROM lines
          WHERE channel = $1 AND NOT is_restored() AND NOT EXISTS (SELECT FROM lane_pauses p WHERE p.channel = $1 AND p.lane = $2)
          ORDER BY name`,
        [channel, lane],
      );
    },

    /**
     * The queues of messages that may be sent, and how many each may send now. Absent is a queue whose channel
     * has no usable line or whose lane an operator holds back, and each while the database is restored and nobody has
     * said what that means; 0 is one that has used up its rate for the moment.
     */
    async availableCapacity(): Promise<Map<OutboxQueue, number>> {
      const rows = await db.query<{ queue: OutboxQueue; room: number | null }>(
        `SELECT w.queue,
                CASE WHEN bool_and(l.per_second IS NOT NULL OR l.broken_until IS NOT NULL) THEN sum(r.room)::int END AS room
           FROM unnest($1::text[], $2::text[], $3::text[]) w(queue, channel, lane)
           JOIN lines l ON l.channel = w.channel AND ${IS_WORKING_SQL} AND ${IS_REGISTERED_SQL},
                LATERAL (SELECT CASE WHEN l.broken_until IS NOT NULL THEN 1
                                     WHEN w.lane IN ('normal', 'bulk') AND ${ORDINARY_CAPACITY_SQL} < ${MIN_ORDINARY_CALL_SQL} THEN 0
                                     WHEN w.lane IN ('normal', 'bulk') THEN ${ORDINARY_CAPACITY_SQL}
                                     ELSE greatest(0, ${URGENT_CAPACITY_SQL}) END AS room) r
          WHERE NOT is_restored()
            AND NOT EXISTS (SELECT FROM lane_pauses p WHERE p.channel = w.channel AND p.lane = w.lane)
          GROUP BY w.queue`,
        [
          SEND_TARGETS.map(({ queue }) => queue),
          SEND_TARGETS.map(({ channel }) => channel),
          SEND_TARGETS.map(({ lane }) => lane),
        ],
      );
      return new Map(rows.map(({ queue, room }) => [queue, room ?? Number.POSITIVE_INFINITY]));
    },

    /** Shuts a line; one that is paused may still be closed. Returns whether that changed it. */
    disable: (name: string, state: 'closed' | 'paused', code: string, reason: string): Promise<boolean> =>
      change(
        `state = $2, code = $3, reason = $4, since = now()
          WHERE name = $1 AND (state = 'open' OR (state = 'paused' AND $2 = 'closed'))`,
        [name, state, code, reason],
      ),

    /** Opens a line, whether it was shut or broke. Returns whether it was out of use. */
    open: (name: string): Promise<boolean> =>
      change(`${SET_OPEN_SQL} WHERE name = $1 AND ${IS_DISABLED_SQL}`, [name]),

    /** Opens all lines of a channel. Returns whether any was out of use. */
    openChannel: (channel: Channel): Promise<boolean> =>
      change(`${SET_OPEN_SQL} WHERE channel = $1 AND ${IS_DISABLED_SQL}`, [channel]),

    /** Opens a line that waited for its cause to pass. Returns false when it no longer waits for that. */
    reopen: (name: string): Promise<boolean> =>
      change(
        `state = 'open', code = NULL, reason = NULL, since = now() WHERE name = $1 AND state = 'paused'`,
        [name],
      ),

    /** Sets how many messages a second a line may send. Returns false when there is no such line. */
    setRate: (name: string, perSecond: number | null): Promise<boolean> =>
      change('per_second = $2 WHERE name = $1', [name, perSecond]),
  };
}

const IS_DISABLED_SQL = `(state <> 'open' OR broken_until IS NOT NULL)`;
const SET_OPEN_SQL = `state = 'open', code = NULL, reason = NULL, since = now(),
                broken_until = NULL, failures = 0, failed_probes = 0`;

/** The queues of alerts that wait until a channel or a lane opens. */
export const blockedQueues = (openings: Map<OutboxQueue, number>): OutboxQueue[] =>
  SEND_QUEUES.filter((queue) => !openings.has(queue));
