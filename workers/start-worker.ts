import { type Processor, UnrecoverableError, type Worker } from 'bullmq';
import { ChannelClosed, NotSent, OutcomeUnknown } from '../core/channels/outcomes';
import type { Database } from '../core/platform/database';
import { Refusal } from '../core/platform/errors';
import type { Log } from '../core/platform/log';
import { createOutbox } from '../core/platform/outbox';
import { logSparsely, type QueueBackend } from '../core/platform/queue-backend';
import { type OutboxQueue, type QueueName, queuePolicy, workSetSchema } from '../core/platform/queues';

export interface RunningWorker {
  name: QueueName;
  /** Takes no more jobs and finishes those it has. */
  close(): Promise<void>;
}

/** Does the work of a set of outbox ids. Must be safe to run twice. */
export type WorkHandler = (ids: string[], queue: OutboxQueue) => Promise<void>;

/** Seconds until work whose handler failed is published again; a provider that does not answer needs longer. */
const retrySeconds = (error: unknown): number =>
  error instanceof NotSent || error instanceof OutcomeUnknown || error instanceof ChannelClosed ? 60 : 5;

/**
 * Runs the handler of an outbox queue. A handler that throws loses nothing: its rows are handed back to the
 * outbox, or, when even that fails, published again once their lease is over.
 */
export function startWorker(
  backend: QueueBackend,
  db: Database,
  log: Log,
  queue: OutboxQueue,
  handle: WorkHandler,
): RunningWorker {
  const process: Processor = async (job) => {
    const parsed = workSetSchema.safeParse(job.data);
    if (!parsed.success) throw new UnrecoverableError('the job is not a set of outbox ids');
    try {
      await handle(parsed.data.ids, queue);
    } catch (error) {
      await createOutbox(db)
        .handBack(parsed.data.ids, retrySeconds(error))
        .catch(() => {});
      throw error;
    }
  };
  const { concurrency } = queuePolicy(queue);
  return run(backend.worker(queue, process, { concurrency }), queue, log);
}

/** Runs a worker with the listeners every worker needs. The one place where a failed job is told of. */
export function run(worker: Worker, name: QueueName, log: Log): RunningWorker {
  const onTrouble = logSparsely(log, name);
  worker.on('error', onTrouble);
  worker.on('failed', (job, error) => {
    const refused = error instanceof UnrecoverableError || error instanceof Refusal;
    const { code } = error as { code?: string };
    if (refused) log.info({ queue: name, jobId: job?.id, reason: error.message }, 'job given up');
    else
      log.warn(
        { queue: name, jobId: job?.id, error: error.name, code },
        'job failed, its work is tried again',
      );
  });
  // Ends only with the worker; connection troubles inside arrive as 'error' events.
  worker.run().catch(onTrouble);
  return { name, close: () => worker.close() };
}
