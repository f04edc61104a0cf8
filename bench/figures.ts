/** Something measured again and again, as often as it was; the figure is the mean. */
export interface Measurement {
  what: string;
  unit: string;
  runs: number[];
}

/** One line of the table: a figure beside what it is held against. */
export interface Figure {
  name: string;
  what: string;
  value: Measurement;
  /** Measured in the same run; null where the limit is a plain number. */
  baseline: Measurement | null;
  /** What is held against `required`: the ratio to the baseline, or the value itself. */
  reached: number;
  required: { atLeast: number } | { below: number };
  ok: boolean;
}

/** What a benchmark found: its figures, and remarks a person should read below the table. */
export interface BenchResult {
  figures: Figure[];
  remarks: string[];
}

export const mean = (runs: number[]): number => runs.reduce((sum, run) => sum + run, 0) / runs.length;

/** A rate that has to be some part, or some multiple, of the rate of a baseline. */
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

/** A figure that has to stay at or below a limit. */
export function compareToLimit(
  name: string,
  what: string,
  value: number,
  unit: string,
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

/** A per-second rate of `count` things, of each of some durations in seconds. */
export const rates = (what: string, count: number, seconds: number[]): Measurement => ({
  what,
  unit: '/s',
  runs: seconds.map((duration) => count / duration),
});

/** What the processors did, per item, in words. */
export const describeCpu = (what: string, item: string, micros: Record<string, number>): string =>
  `${what}, processor time per ${item}: ${Object.entries(micros)
    .map(([part, time]) => `${part} ${time} µs`)
    .join(', ')}`;

/** The pth percentile, 0 to 100, of values in any order. */
export function percentile(values: number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((p / 100) * sorted.length) - 1)] ?? Number.NaN;
}
