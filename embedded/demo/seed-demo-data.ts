import type { AttachmentStore } from '../../core/notices/attachment-store';
import { loadConfig } from '../../core/platform/config';
import type { Database } from '../../core/platform/database';
import { writeEmployers } from './employers';
import { generateHistory } from './generate-history';
import { writeSources } from './sources';
import { writeAlerts } from './write-alerts';
import { writeDeadAlerts } from './write-dead-alerts';
import { writeEvents } from './write-events';
import { writeNotices } from './write-notices';

/**
 * Fills a database nobody has used yet, so that there is something to look at: six employers, two source
 * systems, and the notices of eighteen months, and of the portal before, in every state. All of it or nothing
 * is written. It is history: nothing of it is ever sent.
 *
 * @param attachments where the files of the latest notices go
 * @param options.now when the history ends; the same instant gives the same data, but for random keys
 * @returns `seeded: false` when the database has a source system already; then nothing was changed
 */
export async function seedDemoData(
  db: Database,
  attachments: AttachmentStore,
  { now = new Date() }: { now?: Date } = {},
): Promise<{ seeded: boolean }> {
  const { SMS_TEXT: template, SMS_SUFFIX: suffix } = loadConfig({});
  return db.transaction(async (trx) => {
    // Two starts at once: the second waits here, and then finds the data of the first.
    await trx.query('LOCK TABLE source_systems IN SHARE ROW EXCLUSIVE MODE');
    const used = await trx.query('SELECT FROM source_systems LIMIT 1');
    if (used.length > 0) return { seeded: false };
    const sourceIds = await writeSources(trx);
    const employerIds = await writeEmployers(trx);
    const means = { wording: { template, suffix }, attachments };
    const notices = await writeNotices(trx, generateHistory(now), means, sourceIds, employerIds);
    const alerts = await writeAlerts(trx, notices);
    await writeEvents(trx, notices, alerts);
    await writeDeadAlerts(trx, alerts, now);
    return { seeded: true };
  });
}
