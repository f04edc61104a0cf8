import fc from 'fast-check';
import { isWithinJsonLimits } from '../../../core/text/json-limits';

const isModest = (json: string) => isWithinJsonLimits(Buffer.from(json));

/** JSON that takes a parser far longer than it takes to send, and far more memory. */
const BOMBS = [
  ['arrays within arrays', '['.repeat(5_000) + ']'.repeat(5_000)],
  ['objects within objects', `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`],
  ['brackets that never end', '['.repeat(1_000_000)],
  ['a long array', `[${'0,'.repeat(100_001)}0]`],
  ['an object with many names', `{${Array.from({ length: 100_001 }, (_, i) => `"${i}":0`).join()}}`],
  ['many empty things', `[${'[],'.repeat(60_000)}0]`],
] as const;

describe('JSON', () => {
  it.each(BOMBS)('is not read when it is %s', (_, bomb) => {
    expect(isModest(bomb)).toBe(false);
  });

  it('is within the limits, whatever it holds, unless it is a bomb', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => isModest(JSON.stringify(value))));
  });

  it('is within the limits with files in it, and with strings that look like bombs', () => {
    expect(isModest(JSON.stringify({ content: 'A'.repeat(30_000_000) }))).toBe(true);
    for (const [, bomb] of BOMBS) expect(isModest(JSON.stringify([bomb]))).toBe(true);
  });

  it('cannot hide a bomb behind a string with quotes and backslashes', () => {
    const text = fc.string({ unit: fc.constantFrom('"', '\\', 'x', '[', ',') });
    fc.assert(
      fc.property(text, (before) => {
        for (const [, bomb] of BOMBS.slice(0, 2))
          expect(isModest(`[${JSON.stringify(before)},${bomb}]`)).toBe(false);
      }),
    );
  });

  it('is within the limits for an employer with the most workshops allowed', () => {
    const agreement = { signedAt: '2024-04-01T08:00:00Z', branch: 'شعبه ۱' };
    const workshops = Array.from({ length: 10_000 }, (_, i) => ({ code: `${i}`, name: 'کارگاه', agreement }));
    expect(isModest(JSON.stringify({ name: 'شرکت', mobile: null, email: null, workshops }))).toBe(true);
  });
});
