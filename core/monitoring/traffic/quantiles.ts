/** The number of values at or below `bound` and above the previous bound. */
export interface BucketCount {
  bound: number;
  count: number;
}

/** The quantiles of a histogram; null without values. */
export interface Quantiles {
  count: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

/**
 * Estimates the median, the 95th and the 99th percentile, interpolated inside their buckets as Prometheus does it. A value
 * above the last finite bound counts as that bound, because nothing else is known of it.
 *
 * @param buckets empty ones may be absent
 * @param bounds all finite bounds of the histogram, the lowest first
 */
export function quantilesOf(buckets: BucketCount[], bounds: readonly number[]): Quantiles {
  const counts = countsPerBound(buckets, bounds);
  const count = counts.reduce((sum, each) => sum + each, 0);
  const at = (share: number) => (count === 0 ? null : quantile(counts, bounds, share * count));
  return { count, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** The share, from 0 to 1, of values at or below `limit`, which must be one of the bounds; null without values. */
export function shareWithin(buckets: BucketCount[], limit: number): number | null {
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  const within = buckets.reduce((sum, { bound, count }) => (bound <= limit ? sum + count : sum), 0);
  return total === 0 ? null : within / total;
}

function countsPerBound(buckets: BucketCount[], bounds: readonly number[]): number[] {
  const counts = Array<number>(bounds.length + 1).fill(0);
  for (const { bound, count } of buckets) {
    const found = bounds.findIndex((each) => bound <= each);
    const i = found === -1 ? bounds.length : found;
    counts[i] = (counts[i] as number) + count;
  }
  return counts;
}

function quantile(counts: number[], bounds: readonly number[], rank: number): number {
  let below = 0;
  for (const [i, bound] of bounds.entries()) {
    const count = counts[i] as number;
    if (count > 0 && below + count >= rank) {
      const floor = bounds[i - 1] ?? 0;
      return floor + (bound - floor) * ((rank - below) / count);
    }
    below += count;
  }
  return bounds.at(-1) as number;
}
