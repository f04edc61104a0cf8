import type { Queryable } from '../../platform/database';
import type { Metrics } from '../../platform/metrics';
import { createTraffic, trafficKey } from './traffic';
import { trafficCounts } from './traffic-counts';

/**
 * Returns a function that adds the counts of this process since the last call to the shared traffic. Counts that could not be
 * added go with the next call.
 */
export function createTrafficFlush(
  metrics: Pick<Metrics, 'readTraffic'>,
  db: Queryable,
): () => Promise<void> {
  let added = new Map<string, number>();
  return async () => {
    const totals = trafficCounts(await metrics.readTraffic());
    const unsaved = totals
      .map((total) => ({ ...total, count: total.count - (added.get(trafficKey(total)) ?? 0) }))
      .filter(({ count }) => count > 0);
    await createTraffic(db).add(unsaved);
    added = new Map(totals.map((total) => [trafficKey(total), total.count]));
  };
}
