import type { Queryable } from '../platform/database';

/** The most rows one action changes, so that it ends within the statement timeout; the next action takes the rest. */
export const MAX_ROWS_PER_ACTION = 10_000;

/**
 * Acknowledges refused notices of a code, the oldest first. Refusals after `upTo` stay open, because the operator did not see
 * them.
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

/** Acknowledges delivery reports that matched no message, the oldest first and up to an instant. @returns how many */
export async function acknowledgeCallbacks(trx: Queryable, upTo: Date): Promise<number> {
  const rows = await trx.query(
    `UPDATE sms_callbacks SET dealt_with_at = now() WHERE id IN (
       SELECT id FROM sms_callbacks WHERE matched = false AND dealt_with_at IS NULL AND received_at <= $1
        ORDER BY received_at LIMIT ${MAX_ROWS_PER_ACTION} FOR UPDATE SKIP LOCKED) RETURNING 1`,
    [upTo],
  );
  return rows.length;
}
