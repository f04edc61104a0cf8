import fc from 'fast-check';
import { quantilesOf, shareWithin } from '../../../../core/monitoring/traffic/quantiles';

const BOUNDS = [1, 2, 5, 10, 60];

/** The bound of the bucket a value falls into. */
const bucketOf = (value: number) => BOUNDS.find((bound) => value <= bound) ?? Number.POSITIVE_INFINITY;
const bucketsOf = (values: number[]) => values.map((value) => ({ bound: bucketOf(value), count: 1 }));

describe('the quantiles of a histogram', () => {
  it('are interpolated inside their buckets, as Prometheus does it', () => {
    const buckets = [
      { bound: 1, count: 50 },
      { bound: 5, count: 40 },
      { bound: 10, count: 10 },
    ];
    expect(quantilesOf(buckets, BOUNDS)).toEqual({ count: 100, p50: 1, p95: 7.5, p99: 9.5 });
  });

  it('interpolate from the previous bound, even if its bucket is empty', () => {
    expect(quantilesOf([{ bound: 5, count: 4 }], BOUNDS)).toMatchObject({ p50: 3.5 });
    expect(quantilesOf([{ bound: 1, count: 4 }], BOUNDS)).toMatchObject({ p50: 0.5 });
  });

  it('are the last finite bound for values above all bounds', () => {
    const buckets = [{ bound: Number.POSITIVE_INFINITY, count: 3 }];
    expect(quantilesOf(buckets, BOUNDS)).toEqual({ count: 3, p50: 60, p95: 60, p99: 60 });
  });

  it('are null without values', () => {
    expect(quantilesOf([], BOUNDS)).toEqual({ count: 0, p50: null, p95: null, p99: null });
    expect(shareWithin([], 10)).toBeNull();
  });

  it('lie in the bucket of the exact quantile, whatever the values', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.001, max: 60, noNaN: true }), { minLength: 1 }), (values) => {
        const sorted = values.toSorted((a, b) => a - b);
        const { p50, p95, p99 } = quantilesOf(bucketsOf(values), BOUNDS);
        const estimates = [p50, p95, p99] as number[];
        [0.5, 0.95, 0.99].forEach((share, i) => {
          const value = sorted[Math.ceil(share * sorted.length) - 1] as number;
          expect(bucketOf(estimates[i] as number)).toBe(bucketOf(value));
        });
        expect(estimates).toEqual(estimates.toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('the share within a limit', () => {
  it('is exact where the limit is a bound', () => {
    expect(shareWithin(bucketsOf([0.5, 9.9, 10, 10.1]), 10)).toBe(0.75);
  });
});
