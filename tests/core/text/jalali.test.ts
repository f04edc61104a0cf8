import fc from 'fast-check';
import { jalaliDate, jalaliDateTime } from '../../../core/text/jalali';
import { toPersianDigits } from '../../../core/text/normalise';

const DAY = 86_400_000;

/** Leap years of the official table: the 33-year cycle that holds from 1210 to 1634. */
const isLeap = (year: number) => (((year - 1209) % 33) - 1) % 4 === 0 && (year - 1209) % 33 !== 0;

/** The day `days` after 1 Farvardin 1210, counted without any calendar of the runtime. */
function jalaliOf(days: number): string {
  let year = 1210;
  let left = days;
  for (let length = 365 + +isLeap(year); left >= length; length = 365 + +isLeap(year)) {
    left -= length;
    year += 1;
  }
  const month = left < 186 ? Math.floor(left / 31) : 6 + Math.floor((left - 186) / 30);
  const day = left < 186 ? left % 31 : (left - 186) % 30;
  const two = (n: number) => String(n + 1).padStart(2, '0');
  return toPersianDigits(`${year}/${two(month)}/${two(day)}`);
}

const EPOCH = Date.UTC(1831, 2, 21);

describe('Jalali dates', () => {
  test.each([
    ['2019-04-10T08:00:00Z', '۱۳۹۸/۰۱/۲۱'],
    ['2019-03-21T08:00:00Z', '۱۳۹۸/۰۱/۰۱'],
    ['2024-03-19T12:00:00Z', '۱۴۰۲/۱۲/۲۹'],
    ['2025-03-20T12:00:00Z', '۱۴۰۳/۱۲/۳۰'],
    ['2025-03-21T12:00:00Z', '۱۴۰۴/۰۱/۰۱'],
  ])('%s is %s', (instant, date) => {
    expect(jalaliDate(new Date(instant))).toBe(date);
  });

  test.each([
    ['the end of the previous portal, in summer time', '2019-06-21T19:30:00Z', '۱۳۹۸/۰۳/۳۱', '۱۳۹۸/۰۴/۰۱'],
    ['a day in winter', '2021-01-20T20:30:00Z', '۱۳۹۹/۱۱/۰۱', '۱۳۹۹/۱۱/۰۲'],
    ['a summer after summer time was given up', '2024-07-01T20:30:00Z', '۱۴۰۳/۰۴/۱۱', '۱۴۰۳/۰۴/۱۲'],
    ['the leap day 1399', '2021-03-19T20:30:00Z', '۱۳۹۹/۱۲/۲۹', '۱۳۹۹/۱۲/۳۰'],
    ['Nowruz after a leap day', '2021-03-20T20:30:00Z', '۱۳۹۹/۱۲/۳۰', '۱۴۰۰/۰۱/۰۱'],
  ])('the day changes at midnight in Tehran: %s', (_, midnight, before, after) => {
    const instant = new Date(midnight);
    expect(jalaliDate(new Date(instant.getTime() - 1))).toBe(before);
    expect(jalaliDate(instant)).toBe(after);
  });

  test('agree with the official leap years on every day from 1300 to 1498', () => {
    fc.assert(
      fc.property(fc.integer({ min: 33_000, max: 105_500 }), (days) => {
        expect(jalaliDate(new Date(EPOCH + days * DAY + DAY / 2))).toBe(jalaliOf(days));
      }),
      { numRuns: 5_000 },
    );
  });

  test('can be followed by the time of day in Tehran', () => {
    expect(jalaliDateTime(new Date('2019-04-10T09:35:59Z'))).toBe('۱۳۹۸/۰۱/۲۱ ۱۴:۰۵');
    expect(jalaliDateTime(new Date('2024-07-01T20:30:00Z'))).toBe('۱۴۰۳/۰۴/۱۲ ۰۰:۰۰');
    expect(jalaliDateTime(new Date('2024-01-01T05:34:00Z'))).toBe('۱۴۰۲/۱۰/۱۱ ۰۹:۰۴');
  });
});
