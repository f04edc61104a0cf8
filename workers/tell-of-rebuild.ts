import { hostname } from 'node:os';
import { createFindings } from '../core/monitoring/findings';
import type { Queryable } from '../core/platform/database';
import type { Metrics } from '../core/platform/metrics';
import type { QueueName } from '../core/platform/queues';

/** Tells operators that a worker of this process took no jobs and was replaced. */
export async function reportWorkerReplaced(
  db: Queryable,
  metrics: Pick<Metrics, 'countRebuild'>,
  queue: QueueName,
): Promise<void> {
  metrics.countRebuild(queue);
  await createFindings(db).raise({
    rule: 'worker-rebuilt',
    subject: queue,
    detail: `${hostname()} ${process.pid}`,
  });
}
