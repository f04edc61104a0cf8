import { v7 as uuidv7 } from 'uuid';
import type { AttachmentRemover } from '../notices/attachment-store';
import type { Database } from '../platform/database';
import { statement } from '../platform/statement';

/** Files of one transaction: few enough that a slow store does not keep the transaction open for long. */
export const BATCH_FILES = 50;

const DAY_MS = 24 * 3_600_000;

const LOCK_OLD_ATTACHMENTS = statement<{ id: string }>(
  'lock-old-attachments',
  `SELECT f.id FROM attachments f JOIN notices n ON n.id = f.notice_id
    WHERE f.removed_at IS NULL AND f.id < :before AND n.registered_at < now() - make_interval(days => :days)
      AND NOT EXISTS (SELECT FROM alerts a WHERE a.notice_id = n.id AND a.state IN ('queued', 'sending'))
      AND NOT EXISTS (SELECT FROM permits p
                       WHERE p.notice_id = n.id AND p.state = 'active' AND p.expires_at > now())
    ORDER BY f.id LIMIT ${BATCH_FILES} FOR UPDATE OF f SKIP LOCKED`,
  { id: 'uuid' },
);

/**
 * Removes one batch of attachments whose retention period is over from the store, the oldest first, and marks their rows. Names,
 * sizes and SHA-256 stay on record. The bytes go before the mark is committed: after a crash in between, the batch runs again, and
 * removing a missing file does nothing.
 *
 * Attachments of a notice with a waiting alert or a valid permit stay, however old they are.
 *
 * @param days retention period
 * @returns the number of removed attachments
 */
export async function purgeAttachments(
  db: Database,
  store: AttachmentRemover,
  days: number,
): Promise<number> {
  return db.transaction(async (trx) => {
    const old = await trx.query(LOCK_OLD_ATTACHMENTS, { before: uuidBefore(days), days });
    const ids = old.map(({ id }) => id);
    await Promise.all(ids.map((id) => store.remove(id)));
    await trx.query('UPDATE attachments SET removed_at = now() WHERE id = ANY($1::uuid[])', [ids]);
    return ids.length;
  });
}

/**
 * Returns an id above all ids that were drawn `days` ago. Ids begin with their time, so the condition lets the index find the old
 * ones; one day more allows for clocks that differ.
 */
const uuidBefore = (days: number): string => uuidv7({ msecs: Date.now() - (days - 1) * DAY_MS });
