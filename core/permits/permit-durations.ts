import { addDays, addMonths, addYears, endOfDay, type JalaliDay, jalaliDayOf } from '../text/jalali-calendar';

/** The durations an owner can choose for a permit: یک روز، یک هفته، یک ماه، یک سال. */
export const PERMIT_DURATIONS = ['day', 'week', 'month', 'year'] as const;
export type PermitDuration = (typeof PERMIT_DURATIONS)[number];

export const isPermitDuration = (text: unknown): text is PermitDuration =>
  PERMIT_DURATIONS.some((duration) => duration === text);

const lastDayOf: Record<PermitDuration, (issued: JalaliDay) => JalaliDay> = {
  day: (issued) => addDays(issued, 1),
  week: (issued) => addDays(issued, 7),
  month: (issued) => addMonths(issued, 1),
  year: (issued) => addYears(issued, 1),
};

/**
 * Gives the first instant at which a permit does not hold: 00:00 in Tehran after its last day, which is the day of issue plus
 * the duration. Months and years are those of the Jalali calendar.
 */
export const permitEnd = (issuedAt: Date, duration: PermitDuration): Date =>
  endOfDay(lastDayOf[duration](jalaliDayOf(issuedAt)));

/** Gives an instant of the last day on which a permit holds, shown as «قابل استعلام تا». */
export const lastInquirableDay = (expiresAt: Date): Date => new Date(expiresAt.getTime() - 1);
