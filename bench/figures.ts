/** A value that was measured once or several times; the figure is the mean. */
export interface Measurement {
  what: string;
  unit: string;
  runs: number[];
}

/** One row of the table: a figure beside its baseline or limit. */
export interface Figure {
  name: string;
  what: string;
  value: Measurement;
  /** Baseline measured in the same run; null where the limit is a plain number. */
  baseline: Measurement | null;
  /** The ratio to the baseline, or the value itself: compared with `required`. */
  reached: number;
  required: { atLeast: number } | { below: number };
  ok: boolean;
}

/** Result of a benchmark: its figures, and remarks that are printed below the table. */
export interface BenchResult {
  figures: Figure[];
  remarks: string[];
}

export const mean = (runs: number[]): number => runs.reduce((sum, run) => sum + run, 0) / runs.length;

/** Compares a rate with the rate of a baseline: it must be at least a fraction or a multiple of the baseline. */
export function compareToBaseline(
  name: string,
  value: Measurement,
  baseline: Measurement,
  atLeast: number,
): Figure {
  const reached = mean(value.runs) / mean(baseline.runs);
  const ok = reached >= atLeast;
  return { name, what: value.what, value, baseline, reached, required: { atLeast }, ok };
}

/** Compares a figure with a limit: it must stay at or below the limit. */
export function compareToLimit(
  name: string,
  { what, value, unit }: { what: string; value: number; unit: string },
  below: number,
): Figure {
  const measured = { what, unit, runs: [value] };
  return {
    name,
    what,
    value: measured,
    baseline: null,
    reached: value,
    required: { below },
    ok: value <= below,
  };
}

/** Turns durations in seconds, each of `count` items, into rates per second. */
export const rates = (what: string, count: number, seconds: number[]): Measurement => ({
  what,
  unit: '/s',
  runs: seconds.map((duration) => count / duration),
});

/** Describes the processor time per item, in microseconds, as a remark. */
export const describeCpu = (what: string, item: string, micros: Record<string, number>): string =>
  `${what}, processor time per ${item}: ${Object.entries(micros)
    .map(([process, time]) => `${process} ${time} µs`)
    .join(', ')}`;

/** Returns the pth percentile (0 to 100) of values in any order. */
export function percentile(values: number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((p / 100) * sorted.length) - 1)] ?? Number.NaN;
}
