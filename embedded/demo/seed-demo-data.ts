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
 * Fills an unused database with demo data: six employers, two source systems, and notices in every state, from eighteen months
 * and from the legacy portal. Either all or none of it is written. It is history: none of its alerts is ever sent.
 *
 * @param attachments the store for the files of the latest notices
 * @param options.now the end of the history; the same instant gives the same data, except for random keys
 * @returns `seeded: false` when the database has a source system already; then nothing was changed
 */
export async function seedDemoData(
  db: Database,
  attachments: AttachmentStore,
  { now = new Date() }: { now?: Date } = {},
): Promise<{ seeded: boolean }> {
  const { SMS_TEXT: template, SMS_SUFFIX: suffix } = loadConfig({});
  return db.transaction(async (trx) => {
    // Of two starts at once, the second waits here and then finds the data of the first.
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
