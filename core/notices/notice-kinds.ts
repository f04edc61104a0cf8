/** When a deadline begins: at legal service (ابلاغ قانونی) or at actual service (ابلاغ واقعی). */
export type ServiceDate = 'registeredAt' | 'firstViewedAt';

export interface Deadline {
  /** What may be done until then, as people read it. */
  title: string;
  startsAt: ServiceDate;
  /** Whole days after the day it starts on; that day itself does not count. */
  days: number;
  /** Why, as people read it. */
  legalBasis: string;
}

/**
 * The deadlines each kind of notice starts. A kind that is not named here starts none.
 *
 * Arrival in the account is service and a view is its receipt, so each of these runs from the registration.
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

/** @param kind as its sender named it, or null when it did not */
export const deadlineOf = (kind: string | null): Deadline | null =>
  (kind !== null && Object.hasOwn(NOTICE_DEADLINES, kind) && NOTICE_DEADLINES[kind]) || null;
