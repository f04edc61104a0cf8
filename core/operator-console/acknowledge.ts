import type { Queryable } from '../platform/database';

/** What one action touches at most, so that it ends within a statement's time; the rest is for the next one. */
export const MAX_ROWS_PER_ACTION = 10_000;

/**
 * Marks refused notices as dealt with: the oldest first, up to an instant, because what came later was not
 * decided about.
 *
 * @returns how many
 */
export async function acknowledgeRefusals(trx: Queryable, code: string, upTo: Date): Promise<number> {
  const rows = await trx.query(
    `UPDATE refusals SET dealt_with_at = now() WHERE id IN (
       SELECT id FROM refusals WHERE code = $1 AND dealt_with_at IS NULL AND at <= $2
        ORDER BY at LIMIT ${MAX_ROWS_PER_ACTION} FOR UPDATE SKIP LOCKED) RETURNING 1`,
    [code, upTo],
  );
  return rows.length;
}

/** The same for delivery reports that matched nothing. */
export async function acknowledgeCallbacks(trx: Queryable, upTo: Date): Promise<number> {
  const rows = await trx.query(
    `UPDATE sms_callbacks SET dealt_with_at = now() WHERE id IN (
       SELECT id FROM sms_callbacks WHERE matched = false AND dealt_with_at IS NULL AND received_at <= $1
        ORDER BY received_at LIMIT ${MAX_ROWS_PER_ACTION} FOR UPDATE SKIP LOCKED) RETURNING 1`,
    [upTo],
  );
  return rows.length;
}
