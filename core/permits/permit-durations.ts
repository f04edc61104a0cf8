import { addDays, addMonths, addYears, endOfDay, type JalaliDay, jalaliDayOf } from '../text/jalali-calendar';

/** How long a permit may be issued for: یک روز، یک هفته، یک ماه، یک سال. */
export const PERMIT_DURATIONS = ['day', 'week', 'month', 'year'] as const;
export type PermitDuration = (typeof PERMIT_DURATIONS)[number];

export const isPermitDuration = (text: unknown): text is PermitDuration =>
  PERMIT_DURATIONS.some((duration) => duration === text);

const LAST_DAY_OF: Record<PermitDuration, (issued: JalaliDay) => JalaliDay> = {
  day: (issued) => addDays(issued, 1),
  week: (issued) => addDays(issued, 7),
  month: (issued) => addMonths(issued, 1),
  year: (issued) => addYears(issued, 1),
};

/**
 * When a permit ends: 00:00 in Tehran after its last day, which is the day of issue and the duration. Months
 * and years are those of the Jalali calendar.
 */
export const permitEnd = (issuedAt: Date, duration: PermitDuration): Date =>
  endOfDay(LAST_DAY_OF[duration](jalaliDayOf(issuedAt)));

/** What people read as «قابل استعلام تا»: an instant of the last day a permit holds on. */
export const lastInquirableDay = (expiresAt: Date): Date => new Date(expiresAt.getTime() - 1);
