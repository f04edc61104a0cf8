import type { DefaultJobOptions, WorkerOptions } from 'bullmq';
import { z } from 'zod';
import { singleLineText } from '../text/plain-text';

/** Priorities of alerts, the most urgent first. Each has queues of its own, so a million bulk alerts never delay an urgent one. */
export const LANES = ['urgent', 'normal', 'bulk'] as const;
export type Lane = (typeof LANES)[number];

export const CHANNELS = ['sms', 'email'] as const;
export type Channel = (typeof CHANNELS)[number];

/** Queue into which internal systems push notices; the only queue whose jobs come from outside. */
export const INTAKE_QUEUE = 'notices';
export const INTAKE_JOB = 'notice';

/** Queues whose work is kept in the outbox. */
export type OutboxQueue =
  | `${Channel}-${Lane}`
  | 'sms-receipts'
  | 'sms-callbacks'
  | 'login-codes'
  | 'views'
  | 'permits';
export type QueueName = OutboxQueue | typeof INTAKE_QUEUE;

/** Returns the queue that sends alerts of a channel and lane. */
export const sendQueue = (channel: Channel, lane: Lane): OutboxQueue => `${channel}-${lane}`;

/** Returns the lane of a queue that sends alerts. */
export const laneOf = (queue: OutboxQueue): Lane => LANES.find((lane) => queue.endsWith(`-${lane}`)) as Lane;

export const SEND_QUEUES = CHANNELS.flatMap((channel) => LANES.map((lane) => sendQueue(channel, lane)));
export const OUTBOX_QUEUES: OutboxQueue[] = [
  ...SEND_QUEUES,
  'sms-receipts',
  'sms-callbacks',
  'login-codes',
  'views',
  'permits',
];
export const QUEUE_NAMES: QueueName[] = [INTAKE_QUEUE, ...OUTBOX_QUEUES];

/**
 * Queues whose outbox rows have exactly one subject: their code reads the first one only. PostgreSQL refuses any other row of
 * theirs (`outbox_single_subject`).
 */
export const SINGLE_SUBJECT_QUEUES: OutboxQueue[] = ['views', 'permits', 'sms-callbacks', 'login-codes'];

/** Payload of a job: ids of outbox rows with the same kind of work. Everything else is read from PostgreSQL. */
export const workSetSchema = z.strictObject({ ids: z.array(z.string().regex(/^\d+$/)).min(1).max(500) });
export type WorkSet = z.infer<typeof workSetSchema>;
export const WORK_JOB = 'work';

/** Payload that an internal system pushes. `notice` is the JSON of `POST /v1/notices` as text, because the text is signed. */
export const intakeJobSchema = z.strictObject({
  keyId: singleLineText(64),
  notice: z.string().min(2),
  signature: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits'),
});
export type IntakeJob = z.infer<typeof intakeJobSchema>;

interface QueuePolicy {
  /** Subjects in one job: the provider's limit for one call, or as many as one transaction should touch. */
  setSize: number;
  /** Jobs that may wait in BullMQ at once. The rest waits in PostgreSQL, so Redis stays small. */
  depth: number;
  /** Jobs that one process handles at the same time. */
  concurrency: number;
}

/** Kavenegar takes 200 messages in one call. */
const SMS_POLICY = { setSize: 200, depth: 32, concurrency: 4 };
/**
 * Email sets are smaller: their emails go out one by one, must be finished before the claim is stale, and are in doubt when the worker
 * dies. Two jobs at a time keep the SMTP connections busy while one job is settled.
 */
const EMAIL_POLICY = { setSize: 50, depth: 64, concurrency: 2 };

const QUEUE_POLICIES: Record<OutboxQueue, QueuePolicy> = {
  'sms-urgent': SMS_POLICY,
  'sms-normal': SMS_POLICY,
  'sms-bulk': SMS_POLICY,
  'email-urgent': EMAIL_POLICY,
  'email-normal': EMAIL_POLICY,
  'email-bulk': EMAIL_POLICY,
  'sms-receipts': { setSize: 500, depth: 8, concurrency: 1 },
  'sms-callbacks': { setSize: 500, depth: 8, concurrency: 1 },
  views: { setSize: 500, depth: 8, concurrency: 1 },
  permits: { setSize: 500, depth: 16, concurrency: 2 },
  // Small sets and many jobs at once: a person waits for each code in front of a page.
  'login-codes': { setSize: 10, depth: 64, concurrency: 8 },
};

export const queuePolicy = (queue: OutboxQueue): QueuePolicy => QUEUE_POLICIES[queue];

/** Intake jobs that one process handles at once. Their notices are accepted together, in one transaction. */
export const INTAKE_CONCURRENCY = 200;

/**
 * Options of an outbox job. BullMQ neither retries nor keeps a failed job: its outbox rows are still there, and the relay publishes
 * them again.
 */
export const WORK_JOB_OPTIONS: DefaultJobOptions = {
  attempts: 1,
  removeOnComplete: true,
  removeOnFail: true,
  stackTraceLimit: 0,
};

/**
 * Options of an intake job, unless its producer sets others. Jobs are kept just long enough for the producer to read the answer,
 * because their data is a notice.
 */
export const INTAKE_JOB_OPTIONS = {
  removeOnComplete: { age: 300, count: 1_000 },
  removeOnFail: { age: 24 * 3600, count: 10_000 },
} satisfies DefaultJobOptions;

/**
 * Options of every worker. The job of a killed worker is taken over within 15 to 25 seconds. The stall count is high, because frequent
 * deploys must not fail healthy jobs. A worker whose backend was unreachable retries every second; BullMQ's default is fifteen.
 */
export const WORKER_OPTIONS = {
  lockDuration: 20_000,
  stalledInterval: 5_000,
  maxStalledCount: 10,
  runRetryDelay: 1_000,
} satisfies Partial<WorkerOptions>;
