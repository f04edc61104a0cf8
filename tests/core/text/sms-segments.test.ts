import fc from 'fast-check';
import { smsSegments } from '../../../core/text/sms-segments';

describe('the segments of an SMS', () => {
  test.each([
    [0, 0],
    [1, 1],
    [70, 1],
    [71, 2],
    [134, 2],
    [135, 3],
    [201, 3],
    [202, 4],
    [900, 14],
  ])('%i Persian characters take %i segments', (length, parts) => {
    expect(smsSegments('س'.repeat(length))).toBe(parts);
  });

  test.each([
    [0, 0],
    [1, 1],
    [160, 1],
    [161, 2],
    [306, 2],
    [307, 3],
    [900, 6],
  ])('%i characters of the GSM alphabet take %i segments', (length, parts) => {
    expect(smsSegments('a'.repeat(length))).toBe(parts);
  });

  test('a character of the GSM extension counts as two', () => {
    expect(smsSegments('€'.repeat(80))).toBe(1);
    expect(smsSegments(`${'€'.repeat(80)}a`)).toBe(2);
  });

  test('one Persian character makes the whole text UCS-2', () => {
    expect(smsSegments('a'.repeat(70))).toBe(1);
    expect(smsSegments(`${'a'.repeat(70)}س`)).toBe(2);
  });

  test('a character outside the basic plane counts as two', () => {
    expect(smsSegments('😀'.repeat(35))).toBe(1);
    expect(smsSegments('😀'.repeat(36))).toBe(2);
  });

  test('a longer text never takes fewer segments', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.string({ unit: 'binary' }),
        (text, more) => {
          expect(smsSegments(text + more)).toBeGreaterThanOrEqual(smsSegments(text));
        },
      ),
    );
  });

  test('the segments hold the text, and one segment fewer would not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 71, max: 2_000 }), (length) => {
        const parts = smsSegments('س'.repeat(length));
        expect(parts * 67).toBeGreaterThanOrEqual(length);
        expect((parts - 1) * 67).toBeLessThan(length);
      }),
    );
  });
});
