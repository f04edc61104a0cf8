import type { Queryable } from '../platform/database';
import { statement } from '../platform/statement';

/** The types of events: everything that can happen to a notice. */
export const EVENT_TYPES = [
  'notice.accepted',
  'notice.refused',
  'notice.viewed',
  'attachment.opened',
  'alert.sent',
  'alert.delivered',
  'alert.failed',
  'alert.unknown',
  'alert.expired',
  'permit.issued',
  'permit.revoked',
  'permit.expired',
  'inquiry.answered',
  'inquiry.refused',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** The facts of one event, flat, so that they can be written as canonical JSON. */
export type EventData = Record<string, string | number | boolean | null | string[]>;

export interface NewEvent {
  sourceId: number;
  type: EventType;
  noticeId: string | null;
  /** The system or person that caused the event: `source:CODE`, `provider:kavenegar`, `system`. */
  actor: string;
  data: EventData;
}

/** An event as the feed of a source system gives it. */
export interface FeedEvent {
  seq: number;
  at: Date;
  type: EventType;
  noticeId: string | null;
  trackingNumber: string | null;
  reference: string | null;
  data: EventData;
}

/** An event as the timeline of its notice gives it. */
export interface TimelineEvent {
  seq: string;
  at: Date;
  type: EventType;
  actor: string;
  data: EventData;
}

/** Writes JSON with its keys in order and no value left out, so that equal data is equal text. */
export const canonicalJson = (data: EventData): string => JSON.stringify(data, Object.keys(data).sort());

/**
 * A cursor of the feed: the transaction, the event and, once the database has lost commits, how often it had lost some when the
 * cursor was issued. Numbers have eighteen digits at most, so that none overflows, and no leading zeros, because PostgreSQL reads
 * an `xid8` that begins with 0 as octal.
 */
const CURSOR_PATTERN = /^(?:0|[1-9]\d{0,17})-(?:0|[1-9]\d{0,17})(?:-[1-9]\d{0,3})?$/;

export const isCursor = (text: string): boolean => CURSOR_PATTERN.test(text);

const APPEND_EVENTS = statement(
  'append-events',
  `INSERT INTO events (source_id, type, notice_id, actor, data)
   SELECT * FROM unnest(:sourceIds::int[], :types::text[], :noticeIds::uuid[], :actors::text[], :data::json[])`,
  {},
);

const READ_LOSSES = statement<{ tx: string | null }>(
  'read-lost-transactions',
  'SELECT first_tx AS tx FROM restores WHERE first_tx IS NOT NULL ORDER BY id',
  { tx: 'xid8?' },
);

const READ_FEED = statement<FeedEvent & { tx: string }>(
  'read-feed',
  `SELECT e.tx, e.seq::float8 AS seq, e.at, e.type, e.notice_id AS "noticeId",
          n.tracking_number AS "trackingNumber", coalesce(n.reference, e.data->>'reference') AS reference, e.data
     FROM events e LEFT JOIN notices n ON n.id = e.notice_id
    WHERE e.source_id = :sourceId AND (e.tx, e.seq) > (:tx::xid8, :seq::bigint)
      AND e.tx < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY e.tx, e.seq LIMIT :limit`,
  {
    tx: 'xid8',
    seq: 'float8',
    at: 'timestamptz',
    type: 'text',
    noticeId: 'uuid?',
    trackingNumber: 'int8?',
    reference: 'text?',
    data: 'json',
  },
);

const READ_TIMELINE = statement<TimelineEvent>(
  'read-timeline',
  `SELECT seq, at, type, actor, data FROM events
    WHERE notice_id = :noticeId ORDER BY seq DESC LIMIT :max::int`,
  { seq: 'int8', at: 'timestamptz', type: 'text', actor: 'text', data: 'json' },
);

const READ_TIMELINE_START = statement<TimelineEvent>(
  'read-timeline-start',
  `SELECT seq, at, type, actor, data FROM events
    WHERE notice_id = :noticeId AND seq < :before::bigint ORDER BY seq LIMIT :max::int`,
  { seq: 'int8', at: 'timestamptz', type: 'text', actor: 'text', data: 'json' },
);

/**
 * The append-only record of events: the timeline on the screen, the feed of the sending system, and the evidence. A row is written
 * in the transaction of the effect that it records.
 */
export function createEvents(db: Queryable) {
  return {
    async append(events: NewEvent[]): Promise<void> {
      if (events.length === 0) return;
      await db.query(APPEND_EVENTS, {
        sourceIds: events.map(({ sourceId }) => sourceId),
        types: events.map(({ type }) => type),
        noticeIds: events.map(({ noticeId }) => noticeId),
        actors: events.map(({ actor }) => actor),
        data: events.map(({ data }) => canonicalJson(data)),
      });
    },

    /**
     * Reads a source system's events after a cursor, oldest first. No event is ever skipped: events are ordered by transaction, and
     * a page ends before the oldest transaction still running, because that one may yet commit events. A cursor stays valid for
     * ever: a cursor from a time that was lost when the database was restored leads back to where the loss began.
     *
     * @param after a cursor of an earlier page, or null for the beginning
     * @returns the page, and the cursor to go on from (the given one when the page is empty)
     */
    async feed(sourceId: number, after: string | null, limit: number) {
      const losses = (await db.query(READ_LOSSES)).flatMap((loss) => loss.tx ?? []);
      const { tx, seq } = resumePointOf(after && isCursor(after) ? after : '0-0', losses);
      const rows = await db.query(READ_FEED, { sourceId, tx, seq, limit });
      const last = rows.at(-1);
      return {
        events: rows.map(({ tx: _, ...event }) => event),
        next: last ? formatCursor(last.tx, last.seq, losses.length) : (after ?? '0-0'),
      };
    },

    /**
     * Reads the events of one notice, oldest first.
     *
     * @param max how many to read at most, the latest ones; null for all
     */
    async timeline(noticeId: string, max: number | null = null): Promise<TimelineEvent[]> {
      return (await db.query(READ_TIMELINE, { noticeId, max })).reverse();
    },

    /** Reads the first events of one notice, at most `max`, oldest first, as far as they come before the event `seq`. */
    async timelineStart(noticeId: string, before: string, max: number): Promise<TimelineEvent[]> {
      return db.query(READ_TIMELINE_START, { noticeId, before, max });
    },
  };
}

const formatCursor = (tx: string, seq: number, losses: number): string =>
  [tx, seq, ...(losses > 0 ? [losses] : [])].join('-');

/** Finds where the feed goes on after a cursor: at the earliest loss that came after the cursor was issued, if it lies before. */
function resumePointOf(cursor: string, losses: string[]): { tx: string; seq: string } {
  const [tx = '0', seq = '0', knownLosses = '0'] = cursor.split('-');
  const earliest = losses
    .slice(Number(knownLosses))
    .map(BigInt)
    .reduce<bigint | null>((least, loss) => (least === null || loss < least ? loss : least), null);
  return earliest !== null && earliest <= BigInt(tx) ? { tx: String(earliest), seq: '0' } : { tx, seq };
}
