import { setTimeout } from 'node:timers/promises';
import { createKavenegar } from '../core/channels/kavenegar';
import { createSmtp } from '../core/channels/smtp';
import { createAcceptor } from '../core/notices/acceptor';
import { openAttachmentStore } from '../core/notices/attachment-store';
import type { Config, WORKERS_NEED } from '../core/platform/config';
import { createDatabase } from '../core/platform/database';
import type { Log } from '../core/platform/log';
import { createMetrics } from '../core/platform/metrics';
import { createOutbox } from '../core/platform/outbox';
import {
  createPostgresQueueBackend,
  createRedisBackend,
  probeRedis,
  type QueueBackend,
} from '../core/platform/queue-backend';
import {
  INTAKE_CONCURRENCY,
  INTAKE_JOB_OPTIONS,
  INTAKE_QUEUE,
  LANES,
  sendQueue,
} from '../core/platform/queues';
import type { Closable } from '../core/platform/shutdown';
import { createCodeSecrets } from '../core/sessions/code-secrets';
import { createLoginCodes } from '../core/sessions/login-codes';
import { checkReceipts } from './check-receipts';
import { confirmCallbacks } from './confirm-callbacks';
import { every } from './every';
import { expirePermits, sweepPermits } from './expire-permits';
import { recordViews } from './record-views';
import { startRelay } from './relay';
import { sendEmail } from './send-email';
import { sendLoginCode } from './send-login-code';
import { sendSms } from './send-sms';
import { serveHealth } from './serve-health';
import { run, startWorker } from './start-worker';
import { takeInNotice } from './take-in-notices';
import { expireBehindShutChannels, reopenPausedSms } from './watch-channels';

const WATCH_EVERY_MS = 30_000;
const SWEEP_EVERY_MS = 60_000;

/**
 * Builds and starts everything of a workers process. Also starts while PostgreSQL or Redis is away: work
 * begins when they are back.
 *
 * @returns what to close, in this order
 */
export async function startWorkers(
  config: Config<(typeof WORKERS_NEED)[number]>,
  log: Log,
): Promise<Closable[]> {
  if (config.REDIS_URL) await probeRedis(config.REDIS_URL, log);
  const db = createDatabase(config.DATABASE_URL, {
    max: config.DATABASE_POOL,
    name: 'ablagh-workers',
    byKey: true,
  });
  const queuePool = createDatabase(config.DATABASE_URL, { max: 40, name: 'ablagh-queues' });
  const backend = config.REDIS_URL
    ? createRedisBackend(config.REDIS_URL, log)
    : createPostgresQueueBackend(queuePool.pool, log);
  if (backend.kind === 'postgres') await untilItAnswers(backend, log);
  const metrics = createMetrics(createOutbox(db));
  const attachments = await openAttachmentStore(config.ATTACHMENTS_URL, config.DATA_DIR);
  const sms = createKavenegar({
    apiKey: config.KAVENEGAR_API_KEY,
    sender: config.KAVENEGAR_SENDER,
    baseUrl: config.KAVENEGAR_BASE_URL,
    otpTemplate: config.KAVENEGAR_OTP_TEMPLATE,
  });
  const email = createSmtp({
    url: config.SMTP_URL,
    from: config.MAIL_FROM,
    listUnsubscribe: config.MAIL_LIST_UNSUBSCRIBE,
    dkim: dkimOf(config),
  });
  const domain = config.MAIL_FROM.replace(/^.*@|>.*$/g, '');

  const relay = startRelay({ db, backend, log });
  const kick = () => relay.kick();
  const wording = { template: config.SMS_TEXT, suffix: config.SMS_SUFFIX };
  const acceptor = createAcceptor({ db, attachments, wording, alertTtlHours: config.ALERT_TTL_HOURS, kick });

  const smsDeps = { db, sms, log, metrics };
  const codeDeps = {
    ...smsDeps,
    secrets: createCodeSecrets(config.SECRET_KEY),
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
  const workers = [
    run(
      backend.worker(INTAKE_QUEUE, (job, token) => takeInNotice({ db, acceptor, metrics, log }, job, token), {
        ...INTAKE_JOB_OPTIONS,
        concurrency: INTAKE_CONCURRENCY,
      }),
      INTAKE_QUEUE,
      log,
    ),
    ...LANES.flatMap((lane) => [
      startWorker(backend, db, log, sendQueue('sms', lane), (ids, queue) => sendSms(smsDeps, queue, ids)),
      startWorker(backend, db, log, sendQueue('email', lane), (ids, queue) =>
        sendEmail(emailDeps, queue, ids),
      ),
    ]),
    startWorker(backend, db, log, 'sms-receipts', (ids) => checkReceipts({ db, sms }, ids)),
    startWorker(backend, db, log, 'sms-callbacks', (ids) => confirmCallbacks({ db, sms }, ids)),
    startWorker(backend, db, log, 'login-codes', (ids) => sendLoginCode(codeDeps, ids)),
    startWorker(backend, db, log, 'views', (ids) => recordViews(db, ids)),
    startWorker(backend, db, log, 'permits', (ids) => expirePermits(db, ids)),
  ];
  const watch = every(WATCH_EVERY_MS, 'watch-channels', log, async () => {
    await expireBehindShutChannels({ db });
    await createLoginCodes(db, config.SECRET_KEY).forgetOld();
    // Last, because it needs an answer of the provider.
    await reopenPausedSms({ db, sms, log, kick });
  });
  const permits = every(SWEEP_EVERY_MS, 'sweep-permits', log, () => sweepPermits(db));
  const health = await serveHealth(config, metrics);
  log.info({ queues: backend.kind, workers: workers.length }, 'workers are ready');

  return [
    { name: 'watch', close: () => watch.close() },
    { name: 'permit sweep', close: () => permits.close() },
    { name: 'relay', close: () => relay.close() },
    { name: 'workers', close: () => Promise.all(workers.map((worker) => worker.close())) },
    { name: 'health', close: () => health?.close() },
    { name: 'queues', close: () => backend.close() },
    { name: 'sms', close: () => sms.close() },
    { name: 'email', close: () => email.close() },
    { name: 'queue pool', close: () => queuePool.close() },
    { name: 'database', close: () => db.close() },
  ];
}

async function untilItAnswers(backend: QueueBackend, log: Log): Promise<void> {
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

function dkimOf({ DKIM_DOMAIN, DKIM_SELECTOR, DKIM_PRIVATE_KEY }: Config) {
  if (!DKIM_DOMAIN || !DKIM_SELECTOR || !DKIM_PRIVATE_KEY) return undefined;
  return { domainName: DKIM_DOMAIN, keySelector: DKIM_SELECTOR, privateKey: DKIM_PRIVATE_KEY };
}
