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

/** The notice is in the queue; what becomes of it is in the feed. */
export interface Pushed {
  jobId: string;
}

const API_KEY_PATTERN = /^[\x21-\x2d\x2f-\x7e]{1,64}\.[\x21-\x7e]+$/;
const FIRST_POLL_MS = 10;
const MAX_POLL_MS = 250;

/**
 * Pushes notices into the queue, on Redis or on PostgreSQL. A notice that was pushed is taken in even when
 * the system is down at the moment.
 *
 * @throws TypeError for a key that cannot be one, or when there is not exactly one address
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
      // What did not come up at first may never do: the next call tries with a new one.
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
     * Pushes one notice. Pushing it again is safe, and changes nothing while the job lives.
     *
     * @param options.wait milliseconds to wait for what becomes of it; the answer is `Pushed` when it is not
     *   known by then
     * @throws AblaghRefused when it was waited for and refused
     * @throws AblaghUnreachable when the queue is away; whether the notice was pushed is then not known
     */
    async send(notice: Notice, { wait = 0 }: { wait?: number } = {}): Promise<Pushed | Accepted> {
      const job = createQueueJob(apiKey, notice);
      const { jobId } = job.options;
      const deadline = Date.now() + wait;
      await withQueue((queue) => push(queue, job));
      for (let pause = FIRST_POLL_MS; Date.now() < deadline; pause = Math.min(pause * 1.5, MAX_POLL_MS)) {
        await delay(Math.min(pause, deadline - Date.now()));
        const ended = await withQueue((queue) => readEnded(queue, jobId));
        const answer = ended && answerOf(ended);
        if (answer) return answer;
      }
      return { jobId };
    },

    /** Closes its connections. Nothing may be sent afterwards. */
    async close(): Promise<void> {
      const connection = await opening?.catch(() => undefined);
      await connection?.close();
    },
  };
}

export type QueueClient = ReturnType<typeof createQueueClient>;

/** A job that has ended makes way: the same notice may be judged differently today. */
async function push(queue: Queue, { data, options }: QueueJob): Promise<void> {
  const state = await queue.getJobState(options.jobId);
  if (state === 'completed' || state === 'failed') await queue.remove(options.jobId);
  await queue.add(INTAKE_JOB, data, options);
}

async function readEnded(queue: Queue, jobId: string): Promise<Job | undefined> {
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
