import { isValidJalaaliDate, jalaaliMonthLength, toGregorian, toJalaali } from 'jalaali-js';
import { normaliseInput } from './normalise';

/** A day of the Jalali calendar. */
export interface JalaliDay {
  year: number;
  /** 1 is Farvardin. */
  month: number;
  day: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The years that are read: more than any notice needs, and within the years on which jalaali-js and Intl agree. */
const SUPPORTED_YEARS = { first: 1206, last: 1498 };

/** Formats the date in Tehran. The calendar is Gregorian, so that Intl supplies only the history of the clock there. */
const tehranDateFormat = new Intl.DateTimeFormat('en-US-u-ca-gregory', {
  timeZone: 'Asia/Tehran',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
});

/** Counts the days since 1970 on the calendar of Tehran. */
function tehranDay(instant: number): number {
  const parts = Object.fromEntries(
    tehranDateFormat.formatToParts(instant).map(({ type, value }) => [type, value]),
  );
  return Date.UTC(Number(parts.year), Number(parts.month) - 1, Number(parts.day)) / DAY_MS;
}

const dayNumber = ({ year, month, day }: JalaliDay): number => {
  const { gy, gm, gd } = toGregorian(year, month, day);
  return Date.UTC(gy, gm - 1, gd) / DAY_MS;
};

function fromDayNumber(number: number): JalaliDay {
  const date = new Date(number * DAY_MS);
  const { jy, jm, jd } = toJalaali(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate());
  return { year: jy, month: jm, day: jd };
}

/** Gives the Jalali day of an instant in Tehran. */
export const jalaliDayOf = (instant: Date): JalaliDay => fromDayNumber(tehranDay(instant.getTime()));

export const addDays = (day: JalaliDay, days: number): JalaliDay => fromDayNumber(dayNumber(day) + days);

/** Adds Jalali months; a day that the month does not have becomes its last day: 31 → 30 → 29. */
export function addMonths({ year, month, day }: JalaliDay, months: number): JalaliDay {
  const count = year * 12 + (month - 1) + months;
  const [toYear, toMonth] = [Math.floor(count / 12), (count % 12) + 1];
  return { year: toYear, month: toMonth, day: Math.min(day, jalaaliMonthLength(toYear, toMonth)) };
}

/** Adds Jalali years; the leap day becomes 29 Esfand. */
export const addYears = (day: JalaliDay, years: number): JalaliDay => addMonths(day, years * 12);

/**
 * Gives the first instant of a day in Tehran: 00:00, or 01:00 in those springs in which the clock went forward at midnight.
 */
export function startOfDay(day: JalaliDay): Date {
  const number = dayNumber(day);
  const usualStart = USUAL_OFFSETS_MS.map((offset) => number * DAY_MS - offset).find((start) =>
    beginsAt(number, start),
  );
  return new Date(usualStart ?? findStartOfDay(number));
}

/** The offsets of winter and summer time in most years. */
const USUAL_OFFSETS_MS = [3.5 * HOUR_MS, 4.5 * HOUR_MS];

const beginsAt = (number: number, start: number): boolean =>
  tehranDay(start) === number && tehranDay(start - 1) === number - 1;

/** Finds the change of day by bisection: Tehran is three to five hours ahead, and the date there never goes back. */
function findStartOfDay(number: number): number {
  let before = number * DAY_MS - 6 * HOUR_MS;
  let after = number * DAY_MS - 2 * HOUR_MS;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (tehranDay(middle) >= number) after = middle;
    else before = middle;
  }
  return after;
}

/** Gives the first instant after the day. */
export const endOfDay = (day: JalaliDay): Date => startOfDay(addDays(day, 1));

const TYPED_DATE_PATTERN = /^(\d{4}|\d{2})\s*([/\-.‐-―])\s*(\d{1,2})\s*\2\s*(\d{1,2})$/;

/**
 * Parses a Jalali date as people type it: ۱۳۹۸/۰۱/۲۱, 1398-1-21, ٩٨/١/٢١. A year of two digits belongs to the 1300s from 30 on, and
 * to the 1400s below.
 *
 * @returns null for a text that is no day of the calendar
 */
export function parseJalaliDate(text: string): JalaliDay | null {
  const match = TYPED_DATE_PATTERN.exec(normaliseInput(text));
  if (!match) return null;
  const [year, month, day] = [match[1], match[3], match[4]].map(Number) as [number, number, number];
  const full = match[1]?.length === 2 ? year + (year < 30 ? 1400 : 1300) : year;
  if (full < SUPPORTED_YEARS.first || full > SUPPORTED_YEARS.last || !isValidJalaaliDate(full, month, day))
    return null;
  return { year: full, month, day };
}
