import { setTimeout } from 'node:timers/promises';
import { type Processor, UnrecoverableError, type Worker, type WorkerOptions } from 'bullmq';
import { errorFields, Refusal } from '../core/platform/errors';
import type { Log } from '../core/platform/log';
import { createThrottledErrorLog, type QueueBackend } from '../core/platform/queue-backend';
import type { QueueName } from '../core/platform/queues';
import { runPeriodically } from '../core/platform/run-periodically';

export interface RunningWorker {
  name: QueueName;
  /** Takes no more jobs and finishes those it has. */
  close(): Promise<void>;
}

export interface WorkerSettings {
  backend: Pick<QueueBackend, 'queue' | 'worker'>;
  name: QueueName;
  process: (...job: Parameters<Processor>) => Promise<unknown>;
  options: Partial<WorkerOptions> & { concurrency: number };
  log: Log;
}

/** The rule by which a worker counts as stalled, and the reaction beside replacing it. */
export interface StallDetection {
  /** Milliseconds in which the worker begins no job, though jobs wait and it has a free slot. */
  stalledAfterMs?: number;
  onReplaced?: (queue: QueueName) => Promise<void>;
}

/** One BullMQ Worker and its jobs. */
interface WorkerInstance {
  worker: Worker;
  /** The number of jobs begun so far. */
  begun: number;
  /** The number of jobs in progress. */
  busy: number;
  logError(error: Error): void;
}

const STALLED_AFTER_MS = 60_000;
/** Milliseconds until a worker that could not connect is replaced. */
const RECONNECT_AFTER_MS = 500;
/** Milliseconds a call to a stalled worker may take: its connection may never answer again. */
const STALLED_CALL_TIMEOUT_MS = 2_000;

/**
 * Runs a worker for as long as the process lives. A worker that begins no job although jobs wait, as after its connection died
 * silently, is replaced; its jobs run again once their locks expire.
 */
export function superviseWorker(
  settings: WorkerSettings,
  stallDetection: StallDetection = {},
): RunningWorker {
  const { backend, name, options, log } = settings;
  const { stalledAfterMs = STALLED_AFTER_MS, onReplaced } = stallDetection;
  let current = start();
  let begunBefore = 0;
  let idleSince: number | null = null;
  let closing = false;

  /** Starts a worker, and another in its place if it cannot connect. */
  function start(): WorkerInstance {
    const instance = createInstance(settings);
    const { worker, logError } = instance;
    // A run ends only with its worker; failures of connections inside arrive as 'error' events.
    worker.run().catch(async (error: Error) => {
      logError(error);
      await setTimeout(RECONNECT_AFTER_MS);
      if (closing || current !== instance) return;
      await withTimeout(STALLED_CALL_TIMEOUT_MS, worker.close(true), undefined);
      if (!closing) current = start();
    });
    return instance;
  }

  const isStalled = async (): Promise<boolean> => {
    const hasMoved = current.begun !== begunBefore || current.busy >= options.concurrency;
    begunBefore = current.begun;
    if (hasMoved || !(await withTimeout(STALLED_CALL_TIMEOUT_MS, hasWork(backend, name), false)))
      idleSince = null;
    else idleSince ??= performance.now();
    return idleSince !== null && performance.now() - idleSince >= stalledAfterMs;
  };

  const checks = runPeriodically(stalledAfterMs / 4, 'hear workers', log, async () => {
    if (!(await isStalled())) return;
    log.warn(
      { queue: name, deafAfter: stalledAfterMs },
      'worker takes no jobs though some wait: it is replaced',
    );
    await withTimeout(STALLED_CALL_TIMEOUT_MS, current.worker.close(true), undefined);
    current = start();
    begunBefore = 0;
    idleSince = null;
    await onReplaced?.(name);
  });

  return {
    name,
    async close() {
      closing = true;
      await checks.close();
      await current.worker.close();
    },
  };
}

/** Creates a BullMQ Worker with the listeners every worker needs. This is the one place where a failed job is logged. */
function createInstance({ backend, name, process, options, log }: WorkerSettings): WorkerInstance {
  const worker = backend.worker(
    name,
    async (job, token) => {
      instance.begun += 1;
      instance.busy += 1;
      try {
        return await process(job, token);
      } finally {
        instance.busy -= 1;
      }
    },
    options,
  );
  const logError = createThrottledErrorLog(log, name);
  const instance: WorkerInstance = { worker, begun: 0, busy: 0, logError };
  worker.on('error', logError);
  worker.on('failed', (job, error) => {
    const jobId = loggableId(job?.id);
    const refused = error instanceof UnrecoverableError || error instanceof Refusal;
    if (refused) log.info({ queue: name, jobId, reason: error.message }, 'job given up');
    else log.warn({ queue: name, jobId, ...errorFields(error) }, 'job failed, its work is tried again');
  });
  return instance;
}

/** Gives the id of a job if it can be logged: the producer of a job chooses its id, and may put anything into it. */
export const loggableId = (id: string | undefined): string | undefined =>
  id === undefined || /^[\w.-]{1,80}$/.test(id) ? id : 'unfit';

/** Whether a healthy worker would find a job; delayed jobs that are due count, because only workers fetch them. */
async function hasWork(backend: Pick<QueueBackend, 'queue'>, name: QueueName): Promise<boolean> {
  const queue = backend.queue(name);
  try {
    const { wait = 0, prioritized = 0 } = await queue.getJobCounts('wait', 'prioritized');
    const work = wait + prioritized || (await queue.getDelayedCount(Date.now()));
    return work > 0 && !(await queue.isPaused());
  } catch {
    // A queue that does not answer proves nothing about the worker.
    return false;
  }
}

/** Gives the result of `work`, or `fallback` when it takes too long. */
const withTimeout = <T>(ms: number, work: Promise<T>, fallback: T): Promise<T> =>
  Promise.race([work, setTimeout(ms, fallback, { ref: false })]);
