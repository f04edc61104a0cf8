import fc from 'fast-check';
import { containsLink } from '../../../core/text/links';

describe('a link in a text', () => {
  test.each([
    'https://eblagh.example/x',
    'HTTP://EXAMPLE',
    'برای مشاهده shaparak.ir را ببینید',
    'bit.ly/3xYz',
    'به www.tamin بروید',
    'به www .tamin بروید',
    'نمونه.ایران',
    'نشانی:tamin.ir',
    'نشانی tamin.irرا باز کنید',
    'tamin.IR.',
    'ta\u200bmin.\u200cir',
    'ｔａｍｉｎ．ｉｒ',
    'tamin｡ir',
    'xn--mgba3a4f16a.xn--mgba3a4f16a',
    'a@example.com',
    'app+x://open',
    'http://10.0.0.1',
    '10.20.30.40/pay',
    '10.20.30.40',
    'www。tamin',
    'тамин.рф',
    '社保.中国',
  ])('is found in %j', (text) => {
    expect(containsLink(text)).toBe(true);
  });

  test.each([
    '',
    'ابلاغیه‌ای با شماره پیگیری 100000000001 ثبت شد.',
    'مبلغ 12.500.000 ریال',
    'بند ۳.۲ ماده ۴۲',
    'تاریخ 1403.01.21',
    'ماده 42.تبصره 1',
    'ساعت 10:30',
    'و/یا',
    'کارفرمای گرامی.لطفا مراجعه کنید',
    'لغو۱۱',
  ])('is not found in %j', (text) => {
    expect(containsLink(text)).toBe(false);
  });

  test('is found anywhere in a Persian text', () => {
    const persian = fc.string({ unit: fc.constantFrom(...'ابپتثجچ ۰۱۲،؛\n') });
    const link = fc.constantFrom('tamin.ir', 'www.tamin', 'https://x', 'پرداخت.ایران ', 'tamin.com/a?b=c');
    fc.assert(
      fc.property(persian, link, persian, (before, found, after) => {
        expect(containsLink(before + found + after)).toBe(true);
      }),
    );
  });

  test('is found among invisible characters anywhere in it', () => {
    // Joiners, direction marks and overrides, a soft hyphen, a variation selector, fillers, a tag, an accent, a vowel.
    const unseen = [
      ...'\u200b\u200c\u200d\u200e\u202e\u2066\u2060\u00ad\u061c\u180e\u034f\ufe0f\u3164\u115f\u{e0061}\u0301\u064b',
    ];
    for (const mark of unseen) {
      for (const link of ['tamin.ir', 'www.tamin', 'http://x', 'نمونه.ایران'])
        expect([mark, containsLink([...link].join(mark))]).toEqual([mark, true]);
    }
  });

  test('is found when it is written backwards and reversed by a mark', () => {
    expect(containsLink('\u202eri.nimat\u202c')).toBe(true);
    expect(containsLink('\u2067moc.elgoog\u2069')).toBe(true);
  });

  test('is never found without a dot or a scheme', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!/[.。:]/.test(text.normalize('NFKC')));
        expect(containsLink(text)).toBe(false);
      }),
    );
  });

  test.each(['a.', 'www', 'a-', '1.', 'a+'])(
    'is not found in many of %j, which would make a careless pattern backtrack for ever',
    (unit) => {
      expect(containsLink(unit.repeat(450))).toBe(false);
    },
  );
});
