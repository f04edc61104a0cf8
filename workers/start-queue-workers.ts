import type { Job } from 'bullmq';
import type { Acceptor } from '../core/notices/acceptor';
import { secretKeysOf } from '../core/platform/derived-keys';
import {
  INTAKE_CONCURRENCY,
  INTAKE_JOB_OPTIONS,
  INTAKE_QUEUE,
  LANES,
  type OutboxQueue,
  type QueueName,
  sendQueue,
} from '../core/platform/queues';
import { createCodeSecrets } from '../core/sessions/code-secrets';
import { acceptQueuedNotice } from './accept-queued-notice';
import { checkReceipts } from './check-receipts';
import { confirmCallbacks } from './confirm-callbacks';
import { expirePermits } from './expire-permits';
import type { WorkersConfig, WorkersResources } from './open-resources';
import { recordViews } from './record-views';
import { sendEmail } from './send-email';
import { sendLoginCode } from './send-login-code';
import { sendSms } from './sms/send-sms';
import { type RunningWorker, startWorker, type WorkHandler } from './start-worker';
import { type StallDetection, superviseWorker } from './supervise-worker';
import { reportWorkerReplaced } from './telemetry';

/** Starts a worker for every queue. */
export function startQueueWorkers(
  config: WorkersConfig,
  resources: WorkersResources,
  acceptor: Acceptor,
): RunningWorker[] {
  const { db, backend, metrics, log } = resources;
  const stallDetection = { onReplaced: (queue: QueueName) => reportWorkerReplaced(db, metrics, queue) };
  const start = ([queue, handle]: [OutboxQueue, WorkHandler]) =>
    startWorker({ backend, db, log, stallDetection }, queue, handle);
  return [
    startIntakeWorker(resources, acceptor, stallDetection),
    ...outboxHandlers(config, resources).map(start),
  ];
}

/** Starts the worker of the queue `notices`, whose jobs come from outside. */
function startIntakeWorker(
  { db, backend, metrics, log }: WorkersResources,
  acceptor: Acceptor,
  stallDetection: StallDetection,
): RunningWorker {
  const deps = { db, acceptor, metrics, log };
  const settings = {
    backend,
    name: INTAKE_QUEUE,
    process: (job: Job, token?: string) => acceptQueuedNotice(deps, job, token),
    options: { ...INTAKE_JOB_OPTIONS, concurrency: INTAKE_CONCURRENCY },
    log,
  } as const;
  return superviseWorker(settings, stallDetection);
}

/** Gives the handler of every outbox queue, with its dependencies. */
function outboxHandlers(config: WorkersConfig, resources: WorkersResources): [OutboxQueue, WorkHandler][] {
  const { db, lines, email, metrics, log } = resources;
  const sms = { db, lines, log, metrics };
  const codes = { ...sms, secrets: createCodeSecrets(secretKeysOf(config)), suffix: config.SMS_SUFFIX };
  const domain = config.MAIL_FROM.replace(/^.*@|>.*$/g, '');
  const emails = { db, email, domain, onUnknown: config.MAIL_ON_UNKNOWN, log, metrics };
  return [
    ...LANES.flatMap((lane): [OutboxQueue, WorkHandler][] => [
      [sendQueue('sms', lane), (ids, queue) => sendSms(sms, queue, ids)],
      [sendQueue('email', lane), (ids, queue) => sendEmail(emails, queue, ids)],
    ]),
    ['sms-receipts', (ids) => checkReceipts(sms, ids)],
    ['sms-callbacks', (ids) => confirmCallbacks(sms, ids)],
    ['login-codes', (ids) => sendLoginCode(codes, ids)],
    ['views', (ids) => recordViews(db, ids)],
    ['permits', (ids) => expirePermits(db, ids)],
  ];
}
