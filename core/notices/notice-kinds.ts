/** The date a deadline begins at: legal service (ابلاغ قانونی) or actual service (ابلاغ واقعی). */
export type ServiceDate = 'registeredAt' | 'firstViewedAt';

export interface Deadline {
  /** The act that the deadline limits, in Persian for the page. */
  title: string;
  startsAt: ServiceDate;
  /** Whole days after the first day, which itself does not count. */
  days: number;
  /** The article of law, in Persian for the page. */
  legalBasis: string;
}

/**
 * The deadline of each kind of notice; other kinds have none.
 *
 * The arrival in the account is the service and a view is only its receipt, so each deadline runs from the registration.
 */
export const NOTICE_DEADLINES: Readonly<Record<string, Deadline>> = {
  'debt-notice': {
    title: 'آخرین روز اعتراض به اعلامیه بدهی',
    startsAt: 'registeredAt',
    days: 30,
    legalBasis: 'ماده ۴۲ قانون تأمین اجتماعی: سی روز از تاریخ ابلاغ',
  },
  'board-decision': {
    title: 'آخرین روز تجدیدنظرخواهی از رأی هیئت بدوی',
    startsAt: 'registeredAt',
    days: 20,
    legalBasis: 'ماده ۴۳ قانون تأمین اجتماعی: بیست روز از تاریخ ابلاغ',
  },
};

/** Gives the deadline of a kind as its sender named it; null for a kind without a deadline. */
export const deadlineOf = (kind: string | null): Deadline | null =>
  (kind !== null && Object.hasOwn(NOTICE_DEADLINES, kind) && NOTICE_DEADLINES[kind]) || null;
