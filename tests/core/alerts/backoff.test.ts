import fc from 'fast-check';
import { backoff } from '../../../core/alerts/backoff';

const ceilings = (outcome: Parameters<typeof backoff>[0], count: number) =>
  Array.from({ length: count }, (_, i) => backoff(outcome, i + 1, 1));

describe('the delay before the next attempt', () => {
  it.each([
    ['not_sent' as const, [2, 4, 8, 16, 32, 64, 120, 120]],
    ['try_later' as const, [10, 20, 40, 80, 160, 320, 640, 900, 900]],
    ['unknown' as const, [20, 40, 80, 160, 320, 600, 600]],
  ])('doubles up to its maximum after %s', (outcome, seconds) => {
    expect(ceilings(outcome, seconds.length)).toEqual(seconds);
  });

  it('is random between a second and its ceiling, so that what failed together comes back apart', () => {
    const outcome = fc.constantFrom('not_sent' as const, 'try_later' as const, 'unknown' as const);
    fc.assert(
      fc.property(outcome, fc.integer({ min: 1, max: 30_000 }), (of, tries) => {
        const seconds = backoff(of, tries);
        expect(Number.isInteger(seconds)).toBe(true);
        expect(seconds).toBeGreaterThanOrEqual(1);
        expect(seconds).toBeLessThanOrEqual(backoff(of, tries, 1));
      }),
    );
    const halves = [0, 0.25, 0.5, 0.75, 1].map((random) => backoff('try_later', 8, random));
    expect(halves).toEqual([1, 225, 450, 675, 900]);
  });
});
