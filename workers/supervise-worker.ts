import { setTimeout } from 'node:timers/promises';
import { type Processor, UnrecoverableError, type Worker, type WorkerOptions } from 'bullmq';
import { Refusal } from '../core/platform/errors';
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

/** When a worker counts as deaf, and what is done beside replacing it. */
export interface StallDetection {
  /** Milliseconds without a start while there is work and a free hand. */
  stalledAfterMs?: number;
  onReplaced?: (queue: QueueName) => Promise<void>;
}

/** One BullMQ Worker, and what it does just now. */
interface WorkerInstance {
  worker: Worker;
  /** Jobs it has begun so far, and those it is at. */
  begun: number;
  busy: number;
}

const STALLED_AFTER_MS = 60_000;
/** Nothing of a deaf worker is waited for longer than this: its connection may never answer again. */
const STALLED_CALL_TIMEOUT_MS = 2_000;

/**
 * Runs a worker for as long as the process lives. One that takes no jobs although some wait, as after a
 * connection died without a word, is given up and replaced; what it was at is done again once its locks run out.
 */
export function superviseWorker(settings: WorkerSettings, hearing: StallDetection = {}): RunningWorker {
  const { backend, name, options, log } = settings;
  const { stalledAfterMs = STALLED_AFTER_MS, onReplaced } = hearing;
  let current = run(settings);
  let begunBefore = 0;
  let idleSince: number | null = null;

  const isDeaf = async (): Promise<boolean> => {
    const moved = current.begun !== begunBefore || current.busy >= options.concurrency;
    begunBefore = current.begun;
    if (moved || !(await withTimeout(STALLED_CALL_TIMEOUT_MS, hasWork(backend, name), false)))
      idleSince = null;
    else idleSince ??= performance.now();
    return idleSince !== null && performance.now() - idleSince >= stalledAfterMs;
  };

  const listening = runPeriodically(stalledAfterMs / 4, 'hear workers', log, async () => {
    if (!(await isDeaf())) return;
    log.warn(
      { queue: name, deafAfter: stalledAfterMs },
      'worker takes no jobs though some wait: it is replaced',
    );
    await withTimeout(STALLED_CALL_TIMEOUT_MS, current.worker.close(true), undefined);
    current = run(settings);
    begunBefore = 0;
    idleSince = null;
    await onReplaced?.(name);
  });

  return {
    name,
    async close() {
      await listening.close();
      await current.worker.close();
    },
  };
}

/** Runs a BullMQ Worker with the listeners every worker needs. The one place where a failed job is told of. */
function run({ backend, name, process, options, log }: WorkerSettings): WorkerInstance {
  const worker = backend.worker(
    name,
    async (job, token) => {
      generation.begun += 1;
      generation.busy += 1;
      try {
        return await process(job, token);
      } finally {
        generation.busy -= 1;
      }
    },
    options,
  );
  const generation: WorkerInstance = { worker, begun: 0, busy: 0 };
  const onTrouble = createThrottledErrorLog(log, name);
  worker.on('error', onTrouble);
  worker.on('failed', (job, error) => {
    const jobId = loggableId(job?.id);
    const refused = error instanceof UnrecoverableError || error instanceof Refusal;
    const { code } = error as { code?: string };
    if (refused) log.info({ queue: name, jobId, reason: error.message }, 'job given up');
    else log.warn({ queue: name, jobId, error: error.name, code }, 'job failed, its work is tried again');
  });
  // Ends only with the worker; connection troubles inside arrive as 'error' events.
  worker.run().catch(onTrouble);
  return generation;
}

/** The id of a job, if it is fit for a log: whoever pushes a job chooses it, and may have put anything into it. */
export const loggableId = (id: string | undefined): string | undefined =>
  id === undefined || /^[\w.-]{1,80}$/.test(id) ? id : 'unfit';

/** Whether a worker that can hear would find something: delayed jobs are its own to fetch once they are due. */
async function hasWork(backend: Pick<QueueBackend, 'queue'>, name: QueueName): Promise<boolean> {
  const queue = backend.queue(name);
  try {
    const { wait = 0, prioritized = 0 } = await queue.getJobCounts('wait', 'prioritized');
    const work = wait + prioritized || (await queue.getDelayedCount(Date.now()));
    return work > 0 && !(await queue.isPaused());
  } catch {
    // Whoever cannot ask the queue knows nothing of the worker.
    return false;
  }
}

/** What `work` gives, or `otherwise` when it takes too long. */
const withTimeout = <T>(ms: number, work: Promise<T>, otherwise: T): Promise<T> =>
  Promise.race([work, setTimeout(ms, otherwise, { ref: false })]);
