import type { Metric, Registry } from 'prom-client';

type Labels = Record<string, string>;

interface Series {
  labels: Labels;
  /** One for each bound and a last one for what lies above all of them; not cumulative. */
  counts: number[];
  sum: number;
}

interface HistogramSettings {
  name: string;
  help: string;
  /** In their order; every observation has all of them. */
  labelNames: string[];
  /** Upper bounds, the lowest first. */
  bounds: number[];
  registry: Registry;
}

/** What was observed under some labels up to one bound and above the one before; `Infinity` is the last bound. */
export interface Bucket {
  labels: Labels;
  bound: number;
  count: number;
}

/**
 * A histogram of Prometheus that takes the values of a whole set at once. prom-client's own takes one at a
 * time and looks its labels up for each, which costs a microsecond a message.
 */
export function createSetHistogram({ name, help, labelNames, bounds, registry }: HistogramSettings) {
  const seriesByLabels = new Map<string, Series>();

  const seriesOf = (labels: Labels): Series => {
    const key = labelNames.map((label) => labels[label]).join('\0');
    const known = seriesByLabels.get(key);
    if (known) return known;
    const series = { labels, counts: Array<number>(bounds.length + 1).fill(0), sum: 0 };
    seriesByLabels.set(key, series);
    return series;
  };

  const toPrometheus = ({ labels, counts, sum }: Series) => {
    let total = 0;
    const buckets = counts.map((count, i) => {
      total += count;
      return { metricName: `${name}_bucket`, labels: { ...labels, le: bounds[i] ?? '+Inf' }, value: total };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: total },
    ];
  };

  const metric = {
    name,
    help,
    type: 'histogram',
    get: async () => ({
      name,
      help,
      type: 'histogram',
      values: [...seriesByLabels.values()].flatMap(toPrometheus),
    }),
  };
  // All the registry asks of a metric is `get`; its type wants one of prom-client's classes.
  registry.registerMetric(metric as unknown as Metric);

  return {
    observe(labels: Labels, values: number[]): void {
      const series = seriesOf(labels);
      const { counts } = series;
      for (const value of values) {
        let i = 0;
        while (i < bounds.length && value > (bounds[i] as number)) i += 1;
        counts[i] = (counts[i] as number) + 1;
        series.sum += value;
      }
    },

    /** The buckets that are not empty, from the start of the process. */
    buckets(): Bucket[] {
      return [...seriesByLabels.values()].flatMap(({ labels, counts }) =>
        counts.flatMap((count, i) =>
          count > 0 ? [{ labels, bound: bounds[i] ?? Number.POSITIVE_INFINITY, count }] : [],
        ),
      );
    },
  };
}
