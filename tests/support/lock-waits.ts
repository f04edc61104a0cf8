import type { Queryable } from '../../core/platform/database';

/** How many statements in the database of a test wait for a lock. */
export async function lockWaits(db: Queryable): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return row?.count ?? 0;
}
