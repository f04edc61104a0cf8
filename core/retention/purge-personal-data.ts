import type { Queryable } from '../platform/database';
import { SEND_QUEUES } from '../platform/queues';
import { type Statement, statement } from '../platform/statement';

/** Rows that one statement touches at most. */
export const BATCH_ROWS = 500;

/**
 * Purges one batch of personal data of one kind. Each purge is safe to run twice.
 *
 * @param days retention period
 * @returns the number of purged rows
 */
type Purge = (db: Queryable, days: number) => Promise<number>;

/** Queues whose work needs the address of an alert. An ended alert in none of them is never touched by a worker again. */
const ALERT_QUEUES = [...SEND_QUEUES, 'sms-receipts'];

const MASK_ALERTS = statement(
  'mask-alerts',
  `WITH old AS (
     SELECT a.id FROM alerts a
      WHERE a.expires_at < now() - make_interval(days => :days) AND a.address <> ''
        AND a.state NOT IN ('queued', 'sending')
        AND NOT EXISTS (SELECT FROM dead_alerts d WHERE d.alert_id = a.id)
        AND (a.state IN ('delivered', 'cancelled')
             OR a.id NOT IN (SELECT unnest(o.subject_ids) FROM outbox o WHERE o.queue = ANY(:queues)))
      ORDER BY a.expires_at LIMIT ${BATCH_ROWS} FOR UPDATE OF a SKIP LOCKED)
   UPDATE alerts a SET address = '', text = CASE WHEN a.text IS NOT NULL THEN '' END
     FROM old WHERE a.id = old.id RETURNING 1`,
  {},
);

/**
 * Masks the addresses and texts of ended alerts. An alert that a worker or a person may still touch keeps its address, however old
 * it is: sending it again needs the address.
 */
const maskAlerts: Purge = async (db, days) =>
  (await db.query(MASK_ALERTS, { days, queues: ALERT_QUEUES })).length;

const MASK_INQUIRIES = statement(
  'mask-inquiries',
  `UPDATE inquiries SET address = '', address_group = '' WHERE id IN (
     SELECT id FROM inquiries WHERE at < now() - make_interval(days => :days) AND address <> ''
      ORDER BY at LIMIT ${BATCH_ROWS}) RETURNING 1`,
  {},
);

const run =
  (purge: Statement): Purge =>
  async (db, days) =>
    (await db.query(purge, { days })).length;

interface OldRows {
  table: string;
  /** The column with the time that the retention period begins at. */
  column: string;
  /** A further SQL condition on the rows. */
  condition?: string;
}

/**
 * Declares a statement that deletes the oldest rows of a table. It reads no other column: the workers have no right to. Rows are
 * told apart by their place (`ctid`), because many may have the same time. The condition stands twice, because a row that is used
 * meanwhile must stay: the row lies elsewhere then, but not every version of PostgreSQL checks the condition again.
 */
function deleteOldest({ table, column, condition = 'true' }: OldRows): Purge {
  const isOver = `${condition} AND ${column} < now() - make_interval(days => :days)`;
  return run(
    statement(
      `delete-old-${table.replaceAll('_', '-')}`,
      `DELETE FROM ${table} WHERE ${isOver} AND ctid = ANY(ARRAY(
         SELECT ctid FROM ${table} WHERE ${isOver} ORDER BY ${column} LIMIT ${BATCH_ROWS})) RETURNING 1`,
      {},
    ),
  );
}

/** Every purge of personal data, by the name it has in logs and metrics. Data without a purge is kept for ever. */
export const PERSONAL_DATA_PURGES = {
  alerts: maskAlerts,
  // The name of the asking body, the national ID and the outcome stay.
  inquiries: run(MASK_INQUIRIES),
  'inquiry-locks': deleteOldest({ table: 'inquiry_locks', column: 'locked_until' }),
  sessions: deleteOldest({ table: 'sessions', column: 'used_at' }),
  'operator-sessions': deleteOldest({ table: 'operator_sessions', column: 'used_at' }),
  callbacks: deleteOldest({
    table: 'sms_callbacks',
    column: 'received_at',
    condition: '(matched OR dealt_with_at IS NOT NULL)',
  }),
} satisfies Record<string, Purge>;
