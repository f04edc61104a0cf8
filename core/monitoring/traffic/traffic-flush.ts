import type { Queryable } from '../../platform/database';
import type { Metrics } from '../../platform/metrics';
import { createTraffic, trafficKey } from './traffic';
import { trafficCounts } from './traffic-counts';

/**
 * Adds what a process has counted since the last call to the traffic of all. What could not be added goes
 * with the next call.
 */
export function createTrafficFlush(
  metrics: Pick<Metrics, 'readTraffic'>,
  db: Queryable,
): () => Promise<void> {
  let added = new Map<string, number>();
  return async () => {
    const totals = trafficCounts(await metrics.readTraffic());
    const fresh = totals
      .map((total) => ({ ...total, count: total.count - (added.get(trafficKey(total)) ?? 0) }))
      .filter(({ count }) => count > 0);
    await createTraffic(db).add(fresh);
    added = new Map(totals.map((total) => [trafficKey(total), total.count]));
  };
}
