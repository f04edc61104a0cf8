import type { Queryable } from '../platform/database';

/** What can happen to a notice: the timeline on the screen, the feed of its sender, and the evidence. */
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

export type EventData = Record<string, string | number | boolean | null | string[]>;

export interface NewEvent {
  sourceId: number;
  type: EventType;
  noticeId: string | null;
  /** Who did it: `source:CODE`, `provider:kavenegar`, `system`. */
  actor: string;
  data: EventData;
}

export interface FeedEvent {
  seq: number;
  at: Date;
  type: EventType;
  noticeId: string | null;
  trackingNumber: string | null;
  reference: string | null;
  data: EventData;
}

/** JSON with its keys in order and nothing left out silently, so that equal data is equal text. */
export const canonicalJson = (data: EventData): string => JSON.stringify(data, Object.keys(data).sort());

/**
 * Eighteen digits at most, so that no number can overflow; PostgreSQL reads an `xid8` of 0… as octal. The third
 * part, absent at first, says how often the database had lost commits when the cursor was given out.
 */
const CURSOR_PATTERN = /^(?:0|[1-9]\d{0,17})-(?:0|[1-9]\d{0,17})(?:-[1-9]\d{0,3})?$/;

export const isCursor = (text: string): boolean => CURSOR_PATTERN.test(text);

/** The append-only record of what happened. Rows are written in the transaction of the effect they tell of. */
export function createEvents(db: Queryable) {
  return {
    async append(events: NewEvent[]): Promise<void> {
      if (events.length === 0) return;
      await db.query(
        `INSERT INTO events (source_id, type, notice_id, actor, data)
         SELECT * FROM unnest($1::int[], $2::text[], $3::uuid[], $4::text[], $5::json[])`,
        [
          events.map(({ sourceId }) => sourceId),
          events.map(({ type }) => type),
          events.map(({ noticeId }) => noticeId),
          events.map(({ actor }) => actor),
          events.map(({ data }) => canonicalJson(data)),
        ],
      );
    },

    /**
     * A source system's events after a cursor, oldest first. Nothing is ever skipped: events are ordered by
     * transaction, and a page ends before the oldest transaction still running, because that one may yet
     * commit events. A cursor given out stays good for ever: one from a time that was lost when the database was
     * restored leads back to where it was lost.
     *
     * @param after a cursor of an earlier page, or null for the beginning
     * @returns the page, and the cursor to go on from (the given one when the page is empty)
     */
    async feed(sourceId: number, after: string | null, limit: number) {
      const losses = await db.query<{ tx: string }>(
        'SELECT first_tx AS tx FROM restores WHERE first_tx IS NOT NULL ORDER BY id',
      );
      const { tx, seq } = resumePointOf(
        after && isCursor(after) ? after : '0-0',
        losses.map((loss) => loss.tx),
      );
      const rows = await db.query<FeedEvent & { tx: string }>(
        `SELECT e.tx, e.seq::float8 AS seq, e.at, e.type, e.notice_id AS "noticeId",
                n.tracking_number AS "trackingNumber", coalesce(n.reference, e.data->>'reference') AS reference, e.data
           FROM events e LEFT JOIN notices n ON n.id = e.notice_id
          WHERE e.source_id = $1 AND (e.tx, e.seq) > ($2::xid8, $3::bigint)
            AND e.tx < pg_snapshot_xmin(pg_current_snapshot())
          ORDER BY e.tx, e.seq LIMIT $4`,
        [sourceId, tx, seq, limit],
      );
      const last = rows.at(-1);
      return {
        events: rows.map(({ tx: _, ...event }) => event),
        next: last ? formatCursor(last.tx, last.seq, losses.length) : (after ?? '0-0'),
      };
    },

    /** Everything that happened to one notice, oldest first. */
    async timeline(noticeId: string): Promise<{ at: Date; type: EventType; data: EventData }[]> {
      return db.query('SELECT at, type, data FROM events WHERE notice_id = $1 ORDER BY seq', [noticeId]);
    },
  };
}

const formatCursor = (tx: string, seq: number, losses: number): string =>
  [tx, seq, ...(losses > 0 ? [losses] : [])].join('-');

/** Where the feed goes on after a cursor: no further than any loss that came after it was given out. */
function resumePointOf(cursor: string, losses: string[]): { tx: string; seq: string } {
  const [tx = '0', seq = '0', known = '0'] = cursor.split('-');
  const earliest = losses
    .slice(Number(known))
    .map(BigInt)
    .reduce<bigint | null>((least, loss) => (least === null || loss < least ? loss : least), null);
  return earliest !== null && earliest <= BigInt(tx) ? { tx: String(earliest), seq: '0' } : { tx, seq };
}
