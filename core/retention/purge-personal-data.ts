import type { Queryable } from '../platform/database';
import { SEND_QUEUES } from '../platform/queues';

/** Rows one statement touches at most. */
export const BATCH_ROWS = 500;

/** Personal data whose time is over, of one kind. Each call does one batch, and is safe to run twice. */
type Purge = (db: Queryable, days: number) => Promise<number>;

const countRows = async (db: Queryable, sql: string, values: unknown[]): Promise<number> =>
  (await db.query(sql, values)).length;

/** What still looks after alerts; where one stands in neither, no worker will touch it again. */
const ALERT_QUEUES = [...SEND_QUEUES, 'sms-receipts'];

/**
 * Addresses and texts of alerts that came to their end. One that a worker or a person may still touch is left
 * alone, however old it is: its address is needed to send it again.
 */
const maskAlerts: Purge = (db, days) =>
  countRows(
    db,
    `WITH old AS (
       SELECT a.id FROM alerts a
        WHERE a.expires_at < now() - make_interval(days => $1) AND a.address <> ''
          AND a.state NOT IN ('queued', 'sending')
          AND NOT EXISTS (SELECT FROM dead_alerts d WHERE d.alert_id = a.id)
          AND (a.state IN ('delivered', 'cancelled')
               OR a.id NOT IN (SELECT unnest(o.subject_ids) FROM outbox o WHERE o.queue = ANY($2)))
        ORDER BY a.expires_at LIMIT ${BATCH_ROWS} FOR UPDATE OF a SKIP LOCKED)
     UPDATE alerts a SET address = '', text = CASE WHEN a.text IS NOT NULL THEN '' END
       FROM old WHERE a.id = old.id RETURNING 1`,
    [days, ALERT_QUEUES],
  );

/** Where inquiries came from; who asked, for what and with what success stays. */
const maskInquiries: Purge = (db, days) =>
  countRows(
    db,
    `UPDATE inquiries SET address = '', address_group = '' WHERE id IN (
       SELECT id FROM inquiries WHERE at < now() - make_interval(days => $1) AND address <> ''
        ORDER BY at LIMIT ${BATCH_ROWS}) RETURNING 1`,
    [days],
  );

/**
 * SQL: deletes the oldest rows of a table, and reads nothing else of them: the workers may not. Rows are told apart
 * by where they lie, for many may have the same time. The condition stands twice, for a row that is used meanwhile
 * stays: it lies elsewhere then, but not every PostgreSQL looks again.
 *
 * @param also a further condition they have to meet
 */
function deleteOldest(table: string, column: string, also = 'true'): string {
  const isOver = `${also} AND ${column} < now() - make_interval(days => $1)`;
  return `DELETE FROM ${table} WHERE ${isOver} AND ctid = ANY(ARRAY(
            SELECT ctid FROM ${table} WHERE ${isOver} ORDER BY ${column} LIMIT ${BATCH_ROWS})) RETURNING 1`;
}

const purgeWith =
  (sql: string): Purge =>
  (db, days) =>
    countRows(db, sql, [days]);

/** Everything that is forgotten, by the name it is told under. What is not here is kept for ever. */
export const PERSONAL_DATA_PURGES = {
  alerts: maskAlerts,
  inquiries: maskInquiries,
  'inquiry-locks': purgeWith(deleteOldest('inquiry_locks', 'locked_until')),
  sessions: purgeWith(deleteOldest('sessions', 'used_at')),
  'operator-sessions': purgeWith(deleteOldest('operator_sessions', 'used_at')),
  callbacks: purgeWith(
    deleteOldest('sms_callbacks', 'received_at', '(matched OR dealt_with_at IS NOT NULL)'),
  ),
} satisfies Record<string, Purge>;
