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
  /** Retention periods in days; undefined keeps the data for ever. */
  days: Pick<Config, 'KEEP_ATTACHMENTS_DAYS' | 'KEEP_PERSONAL_DATA_DAYS'>;
  log: Log;
  metrics: Pick<Metrics, 'countPurged'>;
}

/** Batches of one kind in one run. The rest waits for the next run, so that no run crowds out the sending of alerts. */
export const MAX_BATCHES_PER_RUN = 20;

/**
 * Deletes and masks the data whose retention period is over; without settings, nothing. Notices, events and the audit are never
 * touched. Several processes may run it at once: each row is purged by one of them.
 */
export async function applyRetention({
  db,
  attachments,
  days,
  log,
  metrics,
}: RetentionDependencies): Promise<void> {
  const { KEEP_ATTACHMENTS_DAYS: attachmentDays, KEEP_PERSONAL_DATA_DAYS: personalDataDays } = days;
  const report = (what: string, count: number): void => {
    if (count === 0) return;
    metrics.countPurged(what, count);
    log.info({ what, count }, 'purged, because the retention period is over');
  };
  if (attachmentDays !== undefined) {
    const purge = () => purgeAttachments(db, attachments, attachmentDays);
    report('attachments', await runBatches(purge, BATCH_FILES));
  }
  if (personalDataDays !== undefined) {
    for (const [what, purge] of Object.entries(PERSONAL_DATA_PURGES))
      report(what, await runBatches(() => purge(db, personalDataDays), BATCH_ROWS));
  }
}

/** Runs batches until one is less than full. @returns the number of purged rows */
async function runBatches(batch: () => Promise<number>, full: number): Promise<number> {
  let sum = 0;
  for (let i = 0; i < MAX_BATCHES_PER_RUN; i += 1) {
    const count = await batch();
    sum += count;
    if (count < full) break;
  }
  return sum;
}
