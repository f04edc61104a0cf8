import fc from 'fast-check';
import { jalaliDate } from '../../../core/text/jalali';
import {
  addDays,
  addMonths,
  addYears,
  endOfDay,
  type JalaliDay,
  jalaliDayOf,
  parseJalaliDate,
  startOfDay,
} from '../../../core/text/jalali-calendar';
import { toAsciiDigits, toPersianDigits } from '../../../core/text/normalise';

const two = (n: number) => String(n).padStart(2, '0');
const write = ({ year, month, day }: JalaliDay, separator = '/') =>
  [year, two(month), two(day)].join(separator);

/** The day of an instant by Intl, which is independent of jalaali-js. */
const oracle = (instant: Date) => toAsciiDigits(jalaliDate(instant));

const instants = fc.date({
  min: new Date('1900-01-01T00:00:00Z'),
  max: new Date('2115-01-01T00:00:00Z'),
  noInvalidDate: true,
});
const days = instants.map(jalaliDayOf);
const RUNS = { numRuns: 500 };

describe('days of the Jalali calendar in Tehran', () => {
  it('agree with Intl at every instant', () => {
    fc.assert(
      fc.property(instants, (instant) => {
        expect(write(jalaliDayOf(instant))).toBe(oracle(instant));
      }),
      { numRuns: 3_000 },
    );
  });

  it('begin at the first instant of the day', () => {
    fc.assert(
      fc.property(days, (day) => {
        const start = startOfDay(day);
        expect(oracle(start)).toBe(write(day));
        expect(oracle(new Date(start.getTime() - 1))).toBe(write(addDays(day, -1)));
      }),
      RUNS,
    );
  });

  it('end where the next day begins, after 23 to 25 hours', () => {
    fc.assert(
      fc.property(days, (day) => {
        expect(endOfDay(day)).toEqual(startOfDay(addDays(day, 1)));
        const hours = (endOfDay(day).getTime() - startOfDay(day).getTime()) / 3_600_000;
        expect([23, 24, 25].includes(Math.round(hours))).toBe(true);
      }),
      RUNS,
    );
  });

  it.each([
    ['winter time', { year: 1402, month: 10, day: 11 }, '2023-12-31T20:30:00Z'],
    ['summer time', { year: 1398, month: 4, day: 1 }, '2019-06-21T19:30:00Z'],
    ['a summer after summer time was given up', { year: 1403, month: 4, day: 1 }, '2024-06-20T20:30:00Z'],
    [
      'the spring night whose midnight was left out',
      { year: 1400, month: 1, day: 2 },
      '2021-03-21T20:30:00Z',
    ],
    ['the autumn night that had an hour twice', { year: 1400, month: 6, day: 31 }, '2021-09-21T20:30:00Z'],
  ])('begin in %s at the right instant', (_, day, instant) => {
    expect(startOfDay(day)).toEqual(new Date(instant));
  });
});

describe('arithmetic of the Jalali calendar', () => {
  it('of days can be reversed', () => {
    fc.assert(
      fc.property(days, fc.integer({ min: -3_000, max: 3_000 }), (day, n) => {
        expect(addDays(addDays(day, n), -n)).toEqual(day);
      }),
      RUNS,
    );
  });

  it('of months keeps the day, or takes the last day of the month', () => {
    fc.assert(
      fc.property(days, fc.integer({ min: -240, max: 240 }), (day, n) => {
        const later = addMonths(day, n);
        expect(later.year * 12 + later.month).toBe(day.year * 12 + day.month + n);
        expect(later.day).toBeLessThanOrEqual(day.day);
        expect(jalaliDayOf(startOfDay(later))).toEqual(later);
        if (later.day < day.day) expect(addDays(later, 1)).toMatchObject({ day: 1 });
      }),
      RUNS,
    );
  });

  it.each([
    ['1403/01/31', 1, '1403/02/31'],
    ['1403/06/31', 1, '1403/07/30'],
    ['1402/11/30', 1, '1402/12/29'],
    ['1403/11/30', 1, '1403/12/30'],
    ['1403/12/30', 1, '1404/01/30'],
    ['1403/12/15', 1, '1404/01/15'],
    ['1404/01/31', -1, '1403/12/30'],
  ])('%s and %i months is %s', (from, months, to) => {
    expect(write(addMonths(parseJalaliDate(from) as JalaliDay, months))).toBe(to);
  });

  it('of years turns only the leap day into 29 Esfand', () => {
    expect(write(addYears({ year: 1403, month: 12, day: 30 }, 1))).toBe('1404/12/29');
    expect(write(addYears({ year: 1403, month: 12, day: 30 }, 5))).toBe('1408/12/30');
    expect(write(addYears({ year: 1403, month: 6, day: 31 }, 1))).toBe('1404/06/31');
  });
});

describe('a Jalali date as people type it', () => {
  it('is read with any digits and separators', () => {
    const digits = fc.constantFrom<(text: string) => string>(
      (text) => text,
      toPersianDigits,
      (text) => text.replace(/\d/g, (digit) => String.fromCodePoint(0x660 + Number(digit))),
    );
    const separators = fc.constantFrom('/', '-', '.', ' / ', ' - ');
    fc.assert(
      fc.property(days, digits, separators, (day, inDigits, separator) => {
        expect(parseJalaliDate(` ${inDigits(write(day, separator))}\u200f `)).toEqual(day);
      }),
      RUNS,
    );
  });

  it.each([
    ['۱۳۹۸/۱/۲', { year: 1398, month: 1, day: 2 }],
    ['98/03/31', { year: 1398, month: 3, day: 31 }],
    ['۰۵-۱۲-۲۹', { year: 1405, month: 12, day: 29 }],
    ['1398/۱/٢', { year: 1398, month: 1, day: 2 }],
  ])('%s is a day', (text, day) => {
    expect(parseJalaliDate(text)).toEqual(day);
  });

  it.each([
    '',
    '1398',
    '1398/13/01',
    '1398/00/10',
    '1398/07/31',
    '1404/12/30',
    '1398/1/32',
    '1398/1-2',
    '2019-04-10',
    '21/01/1398',
    '1398/01/21 12:00',
    '139８/01/21',
    '-1398/01/01',
    '9999/01/01',
    '1398//01',
    'امروز',
  ])('%s is no date', (text) => {
    expect(parseJalaliDate(text)).toBeNull();
  });

  it('never throws, whatever the text is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseJalaliDate(text);
      }),
      RUNS,
    );
  });
});
