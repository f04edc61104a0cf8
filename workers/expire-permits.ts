import { createPermitExpiry } from '../core/permits/permit-expiry';
import type { Queryable } from '../core/platform/database';

/** Permits that one statement of the sweep expires at most. */
const SWEEP_BATCH_ROWS = 1_000;

/** Expires one set of permits whose time is over. Safe to run twice: a permit that has ended does not end again. */
export async function expirePermits(db: Queryable, ids: string[]): Promise<void> {
  const expiry = createPermitExpiry(db);
  if ((await expiry.expire(ids)) < ids.length) await expiry.completeOrRequeue(ids);
}

/** Expires permits whose outbox row was lost. */
export async function sweepPermits(db: Queryable): Promise<void> {
  const expiry = createPermitExpiry(db);
  while ((await expiry.expireMissed(SWEEP_BATCH_ROWS)) === SWEEP_BATCH_ROWS);
}
