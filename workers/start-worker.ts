import { type Job, UnrecoverableError } from 'bullmq';
import { ChannelClosed, NotSent, OutcomeUnknown } from '../core/channels/outcomes';
import type { Database } from '../core/platform/database';
import type { Log } from '../core/platform/log';
import { createOutbox } from '../core/platform/outbox';
import type { QueueBackend } from '../core/platform/queue-backend';
import { type OutboxQueue, queuePolicy, workSetSchema } from '../core/platform/queues';
import { retryWhileUnavailable } from '../core/platform/retry-while-unavailable';
import { inSpan } from '../core/platform/tracing';
import { type RunningWorker, type StallDetection, superviseWorker } from './supervise-worker';

export type { RunningWorker } from './supervise-worker';

/** Does the work of a set of outbox ids. A handler must be safe to run twice. */
export type WorkHandler = (ids: string[], queue: OutboxQueue) => Promise<void>;

export interface WorkerDependencies {
  backend: QueueBackend;
  db: Database;
  log: Log;
  stallDetection?: StallDetection;
}

/** Gives the seconds until failed work is published again; a provider that does not answer needs longer. */
const retrySeconds = (error: unknown): number =>
  error instanceof NotSent || error instanceof OutcomeUnknown || error instanceof ChannelClosed ? 60 : 5;

/**
 * Milliseconds for which a failed job tries to put its rows back. The process can be stopped meanwhile, unless the host of
 * PostgreSQL does not answer at all; the lease of the rows covers a longer outage.
 */
const RETRY_LATER_TIMEOUT_MS = 15_000;

/**
 * Runs the handler of an outbox queue. A handler that throws loses nothing: its rows go back to the outbox once PostgreSQL is
 * there, or, when even that fails, the relay publishes them again once their lease is over.
 */
export function startWorker(
  { backend, db, log, stallDetection }: WorkerDependencies,
  queue: OutboxQueue,
  handle: WorkHandler,
): RunningWorker {
  const process = async (job: Job) => {
    const parsed = workSetSchema.safeParse(job.data);
    if (!parsed.success) throw new UnrecoverableError('the job is not a set of outbox ids');
    const { ids } = parsed.data;
    try {
      const origins = await createOutbox(db).origins(ids);
      const attributes = { 'ablagh.outbox_rows': ids.length };
      await inSpan(`work ${queue}`, attributes, () => handle(ids, queue), { kind: 'consumer', origins });
    } catch (error) {
      await createOutbox(retryWhileUnavailable(db, RETRY_LATER_TIMEOUT_MS))
        .retryLater(ids, retrySeconds(error))
        .catch(() => {});
      throw error;
    }
  };
  const { concurrency } = queuePolicy(queue);
  return superviseWorker({ backend, name: queue, process, options: { concurrency }, log }, stallDetection);
}
