import fc from 'fast-check';
import { EMAIL_PATTERN, multiLineText, singleLineText } from '../../../core/text/plain-text';

const takes = (schema: ReturnType<typeof multiLineText>, text: string) => schema.safeParse(text).success;

describe('a text', () => {
  test('may be Persian and have several lines', () => {
    expect(takes(multiLineText(900), 'کارفرمای گرامی،\nابلاغیه\u200cای ثبت شد. 😀')).toBe(true);
  });

  test.each(['', ' ', '\n\t', '\u00a0'])('is more than white space: %j is refused', (text) => {
    expect(takes(multiLineText(10), text)).toBe(false);
  });

  test('may be as long as its limit, and no longer', () => {
    expect(takes(multiLineText(900), 'س'.repeat(900))).toBe(true);
    expect(takes(multiLineText(900), 'س'.repeat(901))).toBe(false);
    expect(takes(multiLineText(2), '😀😀')).toBe(true);
    expect(takes(multiLineText(1), '😀😀')).toBe(false);
  });

  test('has no control character in any place', () => {
    const control = fc.oneof(
      fc.integer({ min: 0, max: 8 }),
      fc.integer({ min: 11, max: 31 }),
      fc.integer({ min: 127, max: 159 }),
    );
    fc.assert(
      fc.property(fc.string(), control, fc.string(), (before, code, after) => {
        expect(takes(multiLineText(900), `الف${before}${String.fromCharCode(code)}${after}`)).toBe(false);
      }),
    );
  });

  test('has no half of a surrogate pair, which PostgreSQL could not store', () => {
    expect(takes(multiLineText(10), 'الف\ud83d')).toBe(false);
    expect(takes(multiLineText(10), '\ude00الف')).toBe(false);
  });

  test.each(['a\nb', 'a\tb', 'a\u2028b', 'a\u2029b'])('on one line is not %j', (text) => {
    expect(takes(singleLineText(10), text)).toBe(false);
    expect(takes(singleLineText(10), 'a b')).toBe(true);
  });
});

describe('an email address', () => {
  test.each([
    'a@b.ir',
    'first.last+tag@sub.example.org',
    "o'neil@example.com",
    'کاربر@نمونه.ایران',
    'a@xn--mgba.ir',
  ])('is %s', (address) => {
    expect(address).toMatch(EMAIL_PATTERN);
  });

  test.each([
    '',
    'a',
    'a@b',
    '@b.ir',
    'a@@b.ir',
    'a b@c.ir',
    'a@b.ir ',
    'a@b.ir\nBcc: c@d.ir',
    'A <a@b.ir>',
    'a@b.ir,c@d.ir',
    'a@b.i',
    'a@.ir',
    'a@b..ir',
    'a@b.ir.',
    '"a b"@c.ir',
    `${'a'.repeat(65)}@b.ir`,
  ])('is not %j', (address) => {
    expect(address).not.toMatch(EMAIL_PATTERN);
  });

  test('never holds a character that would start another address or header', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom(...' <>()[],;:"\\\r\n\0'),
        fc.string(),
        (a, bad, b) => {
          expect(`a${a}${bad}${b}@example.ir`).not.toMatch(EMAIL_PATTERN);
          expect(`a@${a}${bad}${b}.ir`).not.toMatch(EMAIL_PATTERN);
        },
      ),
    );
  });
});
