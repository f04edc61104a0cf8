import { setTimeout } from 'node:timers/promises';
import type { Job } from 'bullmq';
import { createSmtp } from '../core/channels/smtp';
import { registerGauges } from '../core/monitoring/gauges';
import { startHeartbeat } from '../core/monitoring/start-heartbeat';
import { createAcceptDependencies } from '../core/notices/accept-notices';
import { createAcceptor } from '../core/notices/acceptor';
import { openAttachmentStore } from '../core/notices/attachment-store';
import type { Config, WORKERS_REQUIRED_SETTINGS } from '../core/platform/config';
import { createDatabase } from '../core/platform/database';
import { secretKeysOf } from '../core/platform/derived-keys';
import type { Log } from '../core/platform/log';
import { createMetrics } from '../core/platform/metrics';
import { createPostgresQueueBackend } from '../core/platform/postgres-queue-backend';
import type { QueueBackend } from '../core/platform/queue-backend';
import {
  INTAKE_CONCURRENCY,
  INTAKE_JOB_OPTIONS,
  INTAKE_QUEUE,
  LANES,
  type OutboxQueue,
  type QueueName,
  sendQueue,
} from '../core/platform/queues';
import { createRedisQueueBackend, probeRedis } from '../core/platform/redis-queue-backend';
import { runPeriodically } from '../core/platform/run-periodically';
import type { Closable } from '../core/platform/shutdown';
import { applyRetention } from '../core/retention/apply-retention';
import { createCodeSecrets } from '../core/sessions/code-secrets';
import { createLoginCodes } from '../core/sessions/login-codes';
import { acceptQueuedNotice } from './accept-queued-notice';
import { checkReceipts } from './check-receipts';
import { confirmCallbacks } from './confirm-callbacks';
import { expirePermits, sweepPermits } from './expire-permits';
import { recordViews } from './record-views';
import { startRelay } from './relay';
import { sendEmail } from './send-email';
import { sendLoginCode } from './send-login-code';
import { serveHealth } from './serve-health';
import { sendSms } from './sms/send-sms';
import { createSmsLines } from './sms/sms-lines';
import { startObserver } from './start-observer';
import { startWorker, type WorkHandler } from './start-worker';
import { superviseWorker } from './supervise-worker';
import { reportWorkerReplaced } from './telemetry';
import { expireBlocked, registerLines, reopenPausedLines } from './watch-channels';

const WATCH_EVERY_MS = 30_000;
/** Often enough that a line in use always counts. */
const REGISTER_EVERY_MS = 15_000;
const SWEEP_EVERY_MS = 60_000;
const PURGE_EVERY_MS = 60_000;

/**
 * Builds and starts everything of a workers process. Also starts while PostgreSQL or Redis is away: work
 * begins when they are back.
 *
 * @returns what to close, in this order
 */
export async function startWorkers(
  config: Config<(typeof WORKERS_REQUIRED_SETTINGS)[number]>,
  log: Log,
): Promise<Closable[]> {
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
  const domain = config.MAIL_FROM.replace(/^.*@|>.*$/g, '');

  const relay = startRelay({ db, backend, log, metrics });
  const kick = () => relay.kick();
  const { countAccepted } = metrics;
  const acceptor = createAcceptor(
    createAcceptDependencies(config, { db, attachments, kick, countAccepted, log }),
  );

  const smsDeps = { db, lines, log, metrics };
  const codeDeps = {
    ...smsDeps,
    secrets: createCodeSecrets(secretKeysOf(config)),
    suffix: config.SMS_SUFFIX,
  };
  const emailDeps = {
    db,
    email,
    domain,
    onUnknown: config.MAIL_ON_UNKNOWN,
    log,
    metrics,
  };
  const hearing = { onReplaced: (queue: QueueName) => reportWorkerReplaced(db, metrics, queue) };
  const work = (queue: OutboxQueue, handle: WorkHandler) =>
    startWorker(backend, db, log, queue, handle, hearing);
  const intake = {
    backend,
    name: INTAKE_QUEUE,
    process: (job: Job, token?: string) => acceptQueuedNotice({ db, acceptor, metrics, log }, job, token),
    options: { ...INTAKE_JOB_OPTIONS, concurrency: INTAKE_CONCURRENCY },
    log,
  } as const;
  const workers = [
    superviseWorker(intake, hearing),
    ...LANES.flatMap((lane) => [
      work(sendQueue('sms', lane), (ids, queue) => sendSms(smsDeps, queue, ids)),
      work(sendQueue('email', lane), (ids, queue) => sendEmail(emailDeps, queue, ids)),
    ]),
    work('sms-receipts', (ids) => checkReceipts(smsDeps, ids)),
    work('sms-callbacks', (ids) => confirmCallbacks(smsDeps, ids)),
    work('login-codes', (ids) => sendLoginCode(codeDeps, ids)),
    work('views', (ids) => recordViews(db, ids)),
    work('permits', (ids) => expirePermits(db, ids)),
  ];
  const registration = runPeriodically(REGISTER_EVERY_MS, 'register-lines', log, () =>
    registerLines({ db, lines }, config.KAVENEGAR_RATE ?? null),
  );
  const watch = runPeriodically(WATCH_EVERY_MS, 'watch-channels', log, async () => {
    await expireBlocked({ db });
    await createLoginCodes(db, secretKeysOf(config)).purgeOld();
    // Last, because it needs an answer of the provider.
    await reopenPausedLines({ db, lines, log, kick });
  });
  const permits = runPeriodically(SWEEP_EVERY_MS, 'sweep-permits', log, () => sweepPermits(db));
  const forgetting = runPeriodically(PURGE_EVERY_MS, 'forget', log, () =>
    applyRetention({ db, attachments, days: config, log, metrics }),
  );
  const observer = startObserver({
    db,
    backend,
    log,
    lowCreditRials: config.CREDIT_LOW_RIALS,
    accounts: lines,
  });
  const part = startHeartbeat({
    db,
    metrics,
    log,
    kind: 'workers',
    data: { node: process.version, queues: backend.kind },
  });
  const health = await serveHealth(config, metrics);
  log.info({ queues: backend.kind, workers: workers.length }, 'workers are ready');

  return [
    { name: 'watch', close: () => watch.close() },
    { name: 'registration', close: () => registration.close() },
    { name: 'permit sweep', close: () => permits.close() },
    { name: 'forgetting', close: () => forgetting.close() },
    { name: 'observer', close: () => observer.close() },
    { name: 'relay', close: () => relay.close() },
    { name: 'workers', close: () => Promise.all(workers.map((worker) => worker.close())) },
    { name: 'part in the traffic', close: () => part.close() },
    { name: 'health', close: () => health?.close() },
    { name: 'queues', close: () => backend.close() },
    { name: 'sms', close: () => Promise.all(lines.map((line) => line.close())) },
    { name: 'email', close: () => email.close() },
    { name: 'queue pool', close: () => queuePool.close() },
    { name: 'database', close: () => db.close() },
  ];
}

async function waitForBackend(backend: QueueBackend, log: Log): Promise<void> {
  const up = () =>
    backend.ping().then(
      () => true,
      () => false,
    );
  while (!(await up())) {
    log.warn({ part: backend.kind }, 'waiting for the queue backend');
    await setTimeout(1_000);
  }
}

function dkimSettings({ DKIM_DOMAIN, DKIM_SELECTOR, DKIM_PRIVATE_KEY }: Config) {
  if (!DKIM_DOMAIN || !DKIM_SELECTOR || !DKIM_PRIVATE_KEY) return undefined;
  return { domainName: DKIM_DOMAIN, keySelector: DKIM_SELECTOR, privateKey: DKIM_PRIVATE_KEY };
}
