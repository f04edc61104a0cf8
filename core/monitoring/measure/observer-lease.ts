import type { Queryable } from '../../platform/database';

/** Longer than two rounds of the observer, so that one slow answer of PostgreSQL does not move the lease. */
const LEASE_DURATION = '20 seconds';

/**
 * Decides which process takes the measurements. The lease is a time and not a lock: a frozen holder keeps its connection,
 * and every lock on it, for as long as it stays frozen.
 *
 * @param holder a UUID of this process
 */
export function createObserverLease(db: Queryable, holder: string) {
  return {
    /** Takes or renews the lease. Returns whether this process holds it now. */
    async hold(): Promise<boolean> {
      const rows = await db.query(
        `INSERT INTO observer (holder, held_until) VALUES ($1, now() + $2::interval)
         ON CONFLICT (only_row) DO UPDATE SET holder = EXCLUDED.holder, held_until = EXCLUDED.held_until
          WHERE observer.holder = EXCLUDED.holder OR observer.held_until < now()
         RETURNING 1`,
        [holder, LEASE_DURATION],
      );
      return rows.length > 0;
    },

    /** Lets another process take over at once. */
    async release(): Promise<void> {
      await db.query('DELETE FROM observer WHERE holder = $1', [holder]);
    },
  };
}
