import type { AttachmentRemover } from '../notices/attachment-store';
import type { Config } from '../platform/config';
import type { Database } from '../platform/database';
import type { Log } from '../platform/log';
import type { Metrics } from '../platform/metrics';
import { BATCH_FILES, purgeAttachments } from './purge-attachments';
import { BATCH_ROWS, PERSONAL_DATA_PURGES } from './purge-personal-data';

export interface RetentionDependencies {
  db: Database;
  attachments: AttachmentRemover;
  days: Pick<Config, 'KEEP_ATTACHMENTS_DAYS' | 'KEEP_PERSONAL_DATA_DAYS'>;
  log: Log;
  metrics: Pick<Metrics, 'countPurged'>;
}

/** Batches of one kind in one run: what is left after them waits for the next, so that no run crowds out the work. */
export const MAX_BATCHES_PER_RUN = 20;

/**
 * Removes and masks what the settings no longer let be kept; without settings, nothing. Notices, events and the
 * audit are never touched. Several processes may do it at once: each row is done by one of them.
 */
export async function applyRetention({
  db,
  attachments,
  days,
  log,
  metrics,
}: RetentionDependencies): Promise<void> {
  const { KEEP_ATTACHMENTS_DAYS: forFiles, KEEP_PERSONAL_DATA_DAYS: forPeople } = days;
  const tell = (what: string, count: number): void => {
    if (count === 0) return;
    metrics.countPurged(what, count);
    log.info({ what, count }, 'forgotten, because its time is over');
  };
  if (forFiles !== undefined) {
    const batch = () => purgeAttachments(db, attachments, forFiles);
    tell('attachments', await runBatches(batch, BATCH_FILES));
  }
  if (forPeople !== undefined) {
    for (const [what, forget] of Object.entries(PERSONAL_DATA_PURGES))
      tell(what, await runBatches(() => forget(db, forPeople), BATCH_ROWS));
  }
}

/** Until a batch comes back less than full. */
async function runBatches(batch: () => Promise<number>, full: number): Promise<number> {
  let sum = 0;
  for (let i = 0; i < MAX_BATCHES_PER_RUN; i += 1) {
    const count = await batch();
    sum += count;
    if (count < full) break;
  }
  return sum;
}
