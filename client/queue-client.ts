import { setTimeout as delay } from 'node:timers/promises';
import type { Job, Queue } from 'bullmq';
import { INTAKE_JOB } from '../core/platform/queues';
import { AblaghRefused, AblaghUnreachable, nameOf } from './errors';
import type { Accepted, Notice } from './notice';
import { assertAddress, openConnection, type QueueAddress, type QueueConnection } from './queue-connection';
import { createQueueJob, type QueueJob } from './queue-job';

export interface QueueClientOptions extends QueueAddress {
  apiKey: string;
  /** Milliseconds after which the queue counts as away: 10,000 if absent. */
  timeout?: number;
}

/** A notice that is in the queue; the feed reports its outcome. */
export interface Pushed {
  jobId: string;
}

const API_KEY_PATTERN = /^[\x21-\x2d\x2f-\x7e]{1,64}\.[\x21-\x7e]+$/;
const FIRST_POLL_MS = 10;
const MAX_POLL_MS = 250;

/**
 * Creates a client that pushes notices into the queue, on Redis or on PostgreSQL. A pushed notice is processed even when the system
 * is down at the moment.
 *
 * @throws TypeError for a malformed key, or unless exactly one address is given
 */
export function createQueueClient({ apiKey, timeout = 10_000, ...address }: QueueClientOptions) {
  if (!API_KEY_PATTERN.test(apiKey)) throw new TypeError('apiKey is not an API key');
  assertAddress(address);
  let opening: Promise<QueueConnection> | undefined;

  const open = async (): Promise<QueueConnection> => {
    const opened = openConnection(address);
    try {
      await withDeadline(opened.ready(), timeout);
      return opened;
    } catch (error) {
      // A connection that failed to open may never recover: the next call opens a new one.
      opening = undefined;
      opened.close().catch(() => {});
      throw opened.lastError() ?? error;
    }
  };

  const withQueue = async <T>(work: (queue: Queue) => Promise<T>): Promise<T> => {
    try {
      opening ??= open();
      const { queue } = await opening;
      return await withDeadline(work(queue), timeout);
    } catch (cause) {
      throw new AblaghUnreachable(`the queue cannot be reached (${nameOf(cause)})`, { cause });
    }
  };

  return {
    /**
     * Pushes one notice. Pushing it again is safe, and changes nothing while the job exists.
     *
     * @param options.wait milliseconds to wait for the outcome; the answer is `Pushed` when there is none by then
     * @throws AblaghRefused when the notice was refused during the wait
     * @throws AblaghUnreachable when the queue is away; whether the notice was pushed is then unknown
     */
    async send(notice: Notice, { wait = 0 }: { wait?: number } = {}): Promise<Pushed | Accepted> {
      const job = createQueueJob(apiKey, notice);
      const { jobId } = job.options;
      const deadline = Date.now() + wait;
      await withQueue((queue) => push(queue, job));
      for (let pause = FIRST_POLL_MS; Date.now() < deadline; pause = Math.min(pause * 1.5, MAX_POLL_MS)) {
        await delay(Math.min(pause, deadline - Date.now()));
        const ended = await withQueue((queue) => readEndedJob(queue, jobId));
        const answer = ended && answerOf(ended);
        if (answer) return answer;
      }
      return { jobId };
    },

    /** Closes the connections. The client cannot be used afterwards. */
    async close(): Promise<void> {
      const connection = await opening?.catch(() => undefined);
      await connection?.close();
    },
  };
}

export type QueueClient = ReturnType<typeof createQueueClient>;

/** Adds the job, after removing one of the same id that has ended: the same notice may be accepted today. */
async function push(queue: Queue, { data, options }: QueueJob): Promise<void> {
  const state = await queue.getJobState(options.jobId);
  if (state === 'completed' || state === 'failed') await queue.remove(options.jobId);
  await queue.add(INTAKE_JOB, data, options);
}

async function readEndedJob(queue: Queue, jobId: string): Promise<Job | undefined> {
  const state = await queue.getJobState(jobId);
  return state === 'completed' || state === 'failed' ? queue.getJob(jobId) : undefined;
}

/** @throws AblaghRefused */
function answerOf({ returnvalue, failedReason = '' }: Job): Accepted | undefined {
  if (returnvalue) return returnvalue as Accepted;
  const [, code, detail] = /^([a-z][a-z0-9_]*): (.*)$/s.exec(failedReason) ?? [];
  if (code && detail !== undefined) throw new AblaghRefused(0, code, detail);
  return undefined;
}

async function withDeadline<T>(work: Promise<T>, timeout: number): Promise<T> {
  const over = new AbortController();
  const deadline = delay(timeout, undefined, { signal: over.signal }).then(() => {
    throw Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' });
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    over.abort();
    deadline.catch(() => {});
  }
}
