import type { QueueBackend } from '../../platform/queue-backend';
import { QUEUE_NAMES, type QueueName } from '../../platform/queues';
import type { Measurements } from './measurements';

export type ObservedBackend = Pick<QueueBackend, 'kind' | 'queue' | 'memory'>;

/**
 * Counts BullMQ's jobs and reads Redis' memory. A backend that is away is a measurement too, and no error.
 *
 * @param before the last measurement of Redis; its memory is reported again while it is away
 */
export async function measureQueues(
  backend: ObservedBackend,
  before: Measurements['redis'],
): Promise<Pick<Measurements, 'jobs' | 'redis'>> {
  const away = { usedBytes: 0, maxBytes: null, ...before, away: true };
  const redis = await backend.memory().then(
    (memory) => memory && { away: false, ...memory },
    () => away,
  );
  const jobs = redis?.away ? null : await countJobs(backend).catch(() => null);
  return { jobs, redis };
}

/** Counts one queue after the other, because each is a statement on the PostgreSQL backend. */
async function countJobs(backend: ObservedBackend): Promise<Record<QueueName, number>> {
  const jobs: Partial<Record<QueueName, number>> = {};
  for (const name of QUEUE_NAMES) {
    const counts = await backend.queue(name).getJobCounts('wait', 'prioritized', 'delayed', 'active');
    jobs[name] = Object.values(counts).reduce((sum, count) => sum + count, 0);
  }
  return jobs as Record<QueueName, number>;
}
