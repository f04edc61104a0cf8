import { v7 as uuidv7 } from 'uuid';
import type { AttachmentRemover } from '../notices/attachment-store';
import type { Database } from '../platform/database';

/** Files of one transaction: few enough that a slow store does not hold it for long. */
export const BATCH_FILES = 50;

const DAY_MS = 24 * 3_600_000;

/**
 * Removes one batch of attachments whose time is over, the oldest first, and marks them: their names, sizes and
 * SHA-256 stay on record. The bytes go before the mark is committed; a process that dies in between does the
 * batch again, and removing what is gone already does nothing.
 *
 * Left alone, however old: those of a notice that has an alert on its way, or a permit that holds.
 *
 * @returns how many
 */
export async function purgeAttachments(
  db: Database,
  store: AttachmentRemover,
  days: number,
): Promise<number> {
  return db.transaction(async (trx) => {
    const old = await trx.query<{ id: string }>(
      `SELECT f.id FROM attachments f JOIN notices n ON n.id = f.notice_id
        WHERE f.removed_at IS NULL AND f.id < $1 AND n.registered_at < now() - make_interval(days => $2)
          AND NOT EXISTS (SELECT FROM alerts a WHERE a.notice_id = n.id AND a.state IN ('queued', 'sending'))
          AND NOT EXISTS (SELECT FROM permits p
                           WHERE p.notice_id = n.id AND p.state = 'active' AND p.expires_at > now())
        ORDER BY f.id LIMIT ${BATCH_FILES} FOR UPDATE OF f SKIP LOCKED`,
      [uuidBefore(days), days],
    );
    await Promise.all(old.map(({ id }) => store.remove(id)));
    await trx.query('UPDATE attachments SET removed_at = now() WHERE id = ANY($1::uuid[])', [
      old.map(({ id }) => id),
    ]);
    return old.length;
  });
}

/** Ids begin with their time, so the old ones are found by the index; a day more is for clocks that differ. */
const uuidBefore = (days: number): string => uuidv7({ msecs: Date.now() - (days - 1) * DAY_MS });
