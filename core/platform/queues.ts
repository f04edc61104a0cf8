import type { DefaultJobOptions, WorkerOptions } from 'bullmq';
import { z } from 'zod';
import { singleLineText } from '../text/plain-text';

/** Which alerts go first. Each has queues of its own, so a bulk of a million never delays an urgent one. */
export const LANES = ['urgent', 'normal', 'bulk'] as const;
export type Lane = (typeof LANES)[number];

export const CHANNELS = ['sms', 'email'] as const;
export type Channel = (typeof CHANNELS)[number];

/** The door for internal systems; the only queue whose jobs come from outside. */
export const INTAKE_QUEUE = 'notices';
export const INTAKE_JOB = 'notice';

/** Queues whose work stands in the outbox. */
export type OutboxQueue =
  | `${Channel}-${Lane}`
  | 'sms-receipts'
  | 'sms-callbacks'
  | 'login-codes'
  | 'views'
  | 'permits';
export type QueueName = OutboxQueue | typeof INTAKE_QUEUE;

/** The queue that sends an alert of this channel and lane. */
export const sendQueue = (channel: Channel, lane: Lane): OutboxQueue => `${channel}-${lane}`;

/** The lane of a queue that sends alerts. */
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

/** A job is a set of outbox ids due for the same work; what they stand for is read from PostgreSQL. */
export const workSetSchema = z.strictObject({ ids: z.array(z.string().regex(/^\d+$/)).min(1).max(500) });
export type WorkSet = z.infer<typeof workSetSchema>;
export const WORK_JOB = 'work';

/** What an internal system pushes. `notice` is the JSON of `POST /v1/notices`, as text, because it is signed. */
export const intakeJobSchema = z.strictObject({
  keyId: singleLineText(64),
  notice: z.string().min(2),
  signature: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits'),
});
export type IntakeJob = z.infer<typeof intakeJobSchema>;

interface QueuePolicy {
  /** How many outbox rows go into one job: the provider's limit of one call, or what one transaction should touch. */
  setSize: number;
  /** How many jobs may wait in BullMQ at once; the rest waits in PostgreSQL, so Redis stays small. */
  depth: number;
  /** Jobs one process works on at the same time. */
  concurrency: number;
}

/** 200 is what Kavenegar takes in one call. */
const SMS_POLICY = { setSize: 200, depth: 32, concurrency: 4 };
/**
 * Smaller, because a set of emails goes out one by one, must be through before its claim is stale, and is in doubt when
 * its worker dies. Two, so that the connections have work while one of them is settled.
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
  // Small sets on many hands: somebody waits for each of them in front of a page.
  'login-codes': { setSize: 10, depth: 64, concurrency: 8 },
};

export const queuePolicy = (queue: OutboxQueue): QueuePolicy => QUEUE_POLICIES[queue];

/** Intake jobs one process works on at once; their notices are accepted together, in one transaction. */
export const INTAKE_CONCURRENCY = 200;

/**
 * Options of an outbox job. A job that fails is not retried by BullMQ and nothing of it is kept: the outbox
 * rows are still there, and the relay publishes them again.
 */
export const WORK_JOB_OPTIONS: DefaultJobOptions = {
  attempts: 1,
  removeOnComplete: true,
  removeOnFail: true,
  stackTraceLimit: 0,
};

/**
 * Intake jobs are kept for a short while only, because their data is a notice: long enough for a producer to
 * read the answer. Producers may say otherwise.
 */
export const INTAKE_JOB_OPTIONS = {
  removeOnComplete: { age: 300, count: 1_000 },
  removeOnFail: { age: 24 * 3600, count: 10_000 },
} satisfies DefaultJobOptions;

/**
 * A worker killed in mid-job is noticed in 15 to 25 seconds; the count is high because a deploy that stops
 * workers often must not fail healthy jobs. A worker whose backend was away looks for it every second, and
 * not, as BullMQ would have it, every fifteen.
 */
export const WORKER_OPTIONS = {
  lockDuration: 20_000,
  stalledInterval: 5_000,
  maxStalledCount: 10,
  runRetryDelay: 1_000,
} satisfies Partial<WorkerOptions>;
