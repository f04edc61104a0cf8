import { setTimeout } from 'node:timers/promises';
import { createSmtp } from '../core/channels/smtp';
import { registerGauges } from '../core/monitoring/gauges';
import { openAttachmentStore } from '../core/notices/attachment-store';
import type { Config, WORKERS_REQUIRED_SETTINGS } from '../core/platform/config';
import { createDatabase } from '../core/platform/database';
import type { Log } from '../core/platform/log';
import { createMetrics } from '../core/platform/metrics';
import { createPostgresQueueBackend } from '../core/platform/postgres-queue-backend';
import type { QueueBackend } from '../core/platform/queue-backend';
import { createRedisQueueBackend, probeRedis } from '../core/platform/redis-queue-backend';
import type { Closable } from '../core/platform/shutdown';
import { createSmsLines } from './sms/sms-lines';

export type WorkersConfig = Config<(typeof WORKERS_REQUIRED_SETTINGS)[number]>;
export type WorkersResources = Awaited<ReturnType<typeof openResources>>;

/** Opens the connections of a workers process: the database, the queue backend, the attachments and the lines. */
export async function openResources(config: WorkersConfig, log: Log) {
  if (config.REDIS_URL) await probeRedis(config.REDIS_URL, log);
  const db = createDatabase(config.DATABASE_URL, {
    max: config.DATABASE_POOL,
    name: 'ablagh-workers',
    keyLookupsOnly: true,
  });
  const queuePool = createDatabase(config.DATABASE_URL, { max: 40, name: 'ablagh-queues' });
  const backend = config.REDIS_URL
    ? createRedisQueueBackend(config.REDIS_URL, log)
    : createPostgresQueueBackend(queuePool.pool, log);
  if (backend.kind === 'postgres') await waitForBackend(backend, log);
  const metrics = createMetrics();
  registerGauges(metrics, db);
  const attachments = await openAttachmentStore(config.ATTACHMENTS_URL, config.DATA_DIR);
  const lines = createSmsLines(config, metrics.countCall);
  const email = createSmtp({
    url: config.SMTP_URL,
    from: config.MAIL_FROM,
    listUnsubscribe: config.MAIL_LIST_UNSUBSCRIBE,
    dkim: dkimSettings(config),
    onCall: metrics.countCall,
  });
  const closables: Closable[] = [
    { name: 'queues', close: () => backend.close() },
    { name: 'sms', close: () => Promise.all(lines.map((line) => line.close())) },
    { name: 'email', close: () => email.close() },
    { name: 'queue pool', close: () => queuePool.close() },
    { name: 'database', close: () => db.close() },
  ];
  return { db, backend, metrics, attachments, lines, email, log, closables };
}

/** Waits for PostgreSQL: queues that are created while it is away never recover. */
async function waitForBackend(backend: QueueBackend, log: Log): Promise<void> {
  const isUp = () =>
    backend.ping().then(
      () => true,
      () => false,
    );
  while (!(await isUp())) {
    log.warn({ part: backend.kind }, 'waiting for the queue backend');
    await setTimeout(1_000);
  }
}

function dkimSettings({ DKIM_DOMAIN, DKIM_SELECTOR, DKIM_PRIVATE_KEY }: Config) {
  if (!DKIM_DOMAIN || !DKIM_SELECTOR || !DKIM_PRIVATE_KEY) return undefined;
  return { domainName: DKIM_DOMAIN, keySelector: DKIM_SELECTOR, privateKey: DKIM_PRIVATE_KEY };
}
