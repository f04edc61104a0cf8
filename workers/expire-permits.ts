import { createPermitExpiry } from '../core/permits/permit-expiry';
import type { Queryable } from '../core/platform/database';

const SWEEP_SIZE = 1_000;

/** Tidies up one set of permits whose time is over. Safe to run twice: what has ended does not end again. */
export async function expirePermits(db: Queryable, ids: string[]): Promise<void> {
  const expiry = createPermitExpiry(db);
  if ((await expiry.expire(ids)) < ids.length) await expiry.completeOrRequeue(ids);
}

/** Tidies up permits whose work was lost. */
export async function sweepPermits(db: Queryable): Promise<void> {
  const expiry = createPermitExpiry(db);
  while ((await expiry.expireMissed(SWEEP_SIZE)) === SWEEP_SIZE);
}
