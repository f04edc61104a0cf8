import { setTimeout } from 'node:timers/promises';
import type { Processor, Queue, Worker, WorkerOptions } from 'bullmq';
import { errorFields } from './errors';
import type { Log } from './log';
import { INTAKE_JOB_OPTIONS, INTAKE_QUEUE, type QueueName, WORK_JOB_OPTIONS } from './queues';

/**
 * BullMQ on Redis or on PostgreSQL, behind one set of verbs. `close` closes every producer and connection the backend opened.
 *
 * Queues and workers that are created while PostgreSQL is unreachable never recover: call `ping` before creating any.
 */
export interface QueueBackend {
  readonly kind: 'redis' | 'postgres';
  /** Returns the producer of a queue. Its calls fail at once while the backend is unreachable. */
  queue(name: QueueName): Queue;
  /** Opens the producers of these queues, and waits at most two seconds for their connections. */
  warmUp(names: QueueName[]): Promise<void>;
  /** Creates a worker that does not run yet. */
  worker(name: QueueName, process: Processor, options?: Partial<WorkerOptions>): Worker;
  /**
   * Reads the mark that is kept beside the jobs, and is lost together with them; null when there is none. On PostgreSQL the jobs
   * are as safe as all other rows, so the mark is always the expected one.
   */
  readEpoch(expected: string): Promise<string | null>;
  writeEpoch(epoch: string): Promise<void>;
  /** @throws Unavailable when the backend does not answer within a second, or within two while it is connecting */
  ping(): Promise<void>;
  /**
   * Reads how much memory Redis uses and may use (null without a limit). The result is null on PostgreSQL.
   *
   * @throws Unavailable when Redis does not answer within a second
   */
  memory(): Promise<{ usedBytes: number; maxBytes: number | null } | null>;
  /** Closes the producers and the backend's own connections. Workers are closed by their owners. */
  close(): Promise<void>;
}

/** Prefix of the keys of BullMQ in Redis. Another prefix separates several systems in one Redis. */
export const DEFAULT_PREFIX = 'ablagh';

/** Returns the options that jobs of a queue get when they name none. */
export const jobOptionsOf = (name: QueueName) =>
  name === INTAKE_QUEUE ? INTAKE_JOB_OPTIONS : WORK_JOB_OPTIONS;

const LOG_INTERVAL_MS = 1_000;

/** Returns an error listener that logs at most once a second: errors of connections come in storms. */
export function createThrottledErrorLog(log: Log, queue: string): (error: Error) => void {
  let last = 0;
  return (error) => {
    if (Date.now() - last < LOG_INTERVAL_MS) return;
    last = Date.now();
    log.warn({ queue, ...errorFields(error) }, 'queue connection is in trouble');
  };
}

const WARM_UP_TIMEOUT_MS = 2_000;
const WARM_UP_RETRY_MS = 50;

/**
 * Waits until a call to each queue succeeds, two seconds at most. BullMQ reports a producer that fails fast as ready before it is
 * connected, so only a call tells.
 */
export async function waitUntilConnected(queues: Queue[]): Promise<void> {
  const deadline = Date.now() + WARM_UP_TIMEOUT_MS;
  const waitForAnswer = async (queue: Queue) => {
    while (Date.now() < deadline) {
      const counts = await queue.getJobCounts('wait').catch(() => null);
      if (counts) return;
      await setTimeout(WARM_UP_RETRY_MS);
    }
  };
  await Promise.all(queues.map(waitForAnswer));
}

/** The producers of a backend: each is opened once, logs its errors, and is closed with the backend. */
export function createProducers(open: (name: QueueName) => Queue, log: Log) {
  const producers = new Map<QueueName, Queue>();
  return {
    get(name: QueueName): Queue {
      const known = producers.get(name);
      if (known) return known;
      const opened = open(name);
      opened.on('error', createThrottledErrorLog(log, name));
      producers.set(name, opened);
      return opened;
    },
    async close(): Promise<void> {
      await Promise.all([...producers.values()].map((queue) => queue.close()));
    },
  };
}
