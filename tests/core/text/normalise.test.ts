import fc from 'fast-check';
import {
  normaliseInput,
  normaliseNumber,
  toAsciiDigits,
  toPersianDigits,
} from '../../../core/text/normalise';

/** Texts as people type and paste them. */
const typed = fc.string({
  unit: fc.constantFrom(
    ...'۰۹٠٩05يىیكکاآئ',
    '\u0653',
    '\u0654',
    '\u200c',
    '\u200e',
    '\u202b',
    '\ufeff',
    ' ',
    '-',
    'a',
  ),
});
const anyText = fc.oneof(typed, fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));

describe('normalising what people type', () => {
  test.each([
    ['۰۱۲۳۴۵۶۷۸۹', '0123456789'],
    ['٠١٢٣٤٥٦٧٨٩', '0123456789'],
    ['ابلاغ ۱۴۰۳', 'ابلاغ 1403'],
    ['𝟘½Ⅷ', '𝟘½Ⅷ'],
  ])('%s has the ASCII digits %s', (text, ascii) => {
    expect(toAsciiDigits(text)).toBe(ascii);
  });

  test.each([
    ['علي', 'علی'],
    ['مصطفى', 'مصطفی'],
    ['كارگاه', 'کارگاه'],
    ['\u202bكارگاه ٤۵\u202c', 'کارگاه 45'],
    ['  اعلام سابقه\n', 'اعلام سابقه'],
    ['\u0627\u0653ب', 'آب'],
    ['\u0627\u200e\u0653ب', 'آب'],
    ['می\u200cشود', 'می\u200cشود'],
  ])('%j becomes %j', (text, normal) => {
    expect(normaliseInput(text)).toBe(normal);
  });

  test('does not change normalised text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const once = normaliseInput(text);
        expect(normaliseInput(once)).toBe(once);
      }),
      { numRuns: 2_000 },
    );
  });

  test('removes every mark, foreign digit and Arabic letter', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(normaliseInput(text)).not.toMatch(
          /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff۰-۹٠-٩يىك]/,
        );
      }),
    );
  });

  test('turns Persian digits back into the same ASCII digits', () => {
    fc.assert(
      fc.property(fc.nat(), (n) => {
        expect(toPersianDigits(n)).toMatch(/^[۰-۹]+$/);
        expect(toAsciiDigits(toPersianDigits(n))).toBe(String(n));
      }),
    );
  });
});

describe('normalising numbers', () => {
  test.each([
    ['۰۴۹-۹۳۷۰۸۹-۹', '0499370899'],
    [' 0912 123 45 67 ', '09121234567'],
    ['(0912) 123‑4567', '09121234567'],
    ['0912/123_45.67', '09121234567'],
    ['\u200e+۹۸ ۹۱۲\u00a0۱۲۳\u200c۴۵۶۷', '+989121234567'],
  ])('%j is %s', (text, number) => {
    expect(normaliseNumber(text)).toBe(number);
  });

  test('reads a number in any digits and with any separators', () => {
    const digit = fc.tuple(
      fc.nat(9),
      fc.constantFrom(0, 0x06f0, 0x0660),
      fc.constantFrom('', ' ', '-', '.', '\u200f'),
    );
    fc.assert(
      fc.property(fc.array(digit), (digits) => {
        const written = digits
          .map(([n, zero, gap]) => (zero ? String.fromCodePoint(zero + n) : n) + gap)
          .join('');
        expect(normaliseNumber(written)).toBe(digits.map(([n]) => n).join(''));
      }),
    );
  });
});
