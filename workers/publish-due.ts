import { createLines } from '../core/channels/lines';
import type { Database } from '../core/platform/database';
import { createOutbox, groupIntoJobs, type PlannedJob } from '../core/platform/outbox';
import type { QueueBackend } from '../core/platform/queue-backend';
import { OUTBOX_QUEUES, type OutboxQueue, queuePolicy, SEND_QUEUES, WORK_JOB } from '../core/platform/queues';
import { inSpan } from '../core/platform/tracing';

/** The number of jobs that may wait in a queue with a rate limit: the rest of each is published again. */
const RATE_LIMITED_DEPTH = 2;

export interface PublishDependencies {
  db: Database;
  backend: QueueBackend;
}

/** Publishes the due work for which queues have capacity. Returns the number of its subjects. */
export async function publishDue({ db, backend }: PublishDependencies): Promise<number> {
  const publishable = await publishableQueues(db);
  const due = await createOutbox(db).queuesWithDueRows([...publishable.keys()]);
  if (due.length === 0) return 0;
  const isLimited = (queue: OutboxQueue) => Number.isFinite(publishable.get(queue));
  const capacity = await backendCapacity(backend, due, isLimited);
  if (capacity.size === 0) return 0;
  return db.transaction(async (trx) => {
    const outbox = createOutbox(trx);
    const rows = await outbox.claimDue(capacity);
    if (rows.length === 0) return 0;
    const origins = await outbox.origins(rows.map(({ id }) => id));
    const jobs = groupIntoJobs(rows);
    const publish = () => addJobs(backend, jobs);
    await inSpan('publish', { 'ablagh.jobs': jobs.length }, publish, { kind: 'producer', origins });
    // A row of a queue with a rate counts once: its next round need not come at once.
    return rows.reduce((sum, { queue, size }) => sum + (isLimited(queue) ? 1 : size), 0);
  });
}

/** Gives the number of subjects that each queue of the backend may still take, for the queues that may take any. */
async function backendCapacity(
  backend: QueueBackend,
  queues: OutboxQueue[],
  isLimited: (queue: OutboxQueue) => boolean,
): Promise<Map<OutboxQueue, number>> {
  const capacity = new Map<OutboxQueue, number>();
  await Promise.all(
    queues.map(async (queue) => {
      const { depth, setSize } = queuePolicy(queue);
      const counts = await backend.queue(queue).getJobCounts('wait', 'active', 'prioritized');
      const jobs = Object.values(counts).reduce((sum, count) => sum + count, 0);
      const maxJobs = isLimited(queue) ? Math.min(depth, RATE_LIMITED_DEPTH) : depth;
      if (jobs < maxJobs) capacity.set(queue, (maxJobs - jobs) * setSize);
    }),
  );
  return capacity;
}

/** Adds jobs to BullMQ, in one call for each queue. */
async function addJobs(backend: QueueBackend, jobs: PlannedJob[]): Promise<void> {
  const timestamp = Date.now();
  const queues = [...new Set(jobs.map(({ queue }) => queue))];
  const jobsOf = (wanted: OutboxQueue) =>
    jobs
      .filter(({ queue }) => queue === wanted)
      .map(({ ids, dueIn }) => ({ name: WORK_JOB, data: { ids }, opts: { timestamp, delay: dueIn * 1000 } }));
  await Promise.all(queues.map((queue) => backend.queue(queue).addBulk(jobsOf(queue))));
}

/**
 * Gives the queues that may be published to, and how many subjects each can work off now. Work of a channel without a usable
 * line, work of a paused lane, and work beyond the rate of its lines stay in PostgreSQL.
 */
async function publishableQueues(db: Database): Promise<Map<OutboxQueue, number>> {
  const lines = await createLines(db).availableCapacity();
  const capacityOf = (queue: OutboxQueue) =>
    QUEUES_NEEDING_A_LINE.has(queue) ? (lines.get(queue) ?? 0) : Number.POSITIVE_INFINITY;
  const capacity = OUTBOX_QUEUES.map((queue) => [queue, capacityOf(queue)] as const);
  return new Map(capacity.filter(([, subjects]) => subjects > 0));
}

const QUEUES_NEEDING_A_LINE = new Set<OutboxQueue>([...SEND_QUEUES, 'login-codes']);
