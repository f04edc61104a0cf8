import { lastInquirableDay, permitEnd } from '../../../core/permits/permit-durations';
import { jalaliDate } from '../../../core/text/jalali';

describe('how long a permit holds', () => {
  it.each([
    ['day', '2019-04-10T08:00:00Z', '2019-04-11T19:30:00Z', '۱۳۹۸/۰۱/۲۲'],
    ['week', '2019-04-10T08:00:00Z', '2019-04-17T19:30:00Z', '۱۳۹۸/۰۱/۲۸'],
    ['month', '2019-04-10T08:00:00Z', '2019-05-11T19:30:00Z', '۱۳۹۸/۰۲/۲۱'],
    ['year', '2019-04-10T08:00:00Z', '2020-04-09T19:30:00Z', '۱۳۹۹/۰۱/۲۱'],
    // 1403/06/31: the next month has one day less
    ['month', '2024-09-21T10:00:00Z', '2024-10-21T20:30:00Z', '۱۴۰۳/۰۷/۳۰'],
    // 1402/11/30: Esfand 1402 has 29 days
    ['month', '2024-02-19T10:00:00Z', '2024-03-19T20:30:00Z', '۱۴۰۲/۱۲/۲۹'],
    // 1403/12/30: a leap day
    ['year', '2025-03-20T10:00:00Z', '2026-03-20T20:30:00Z', '۱۴۰۴/۱۲/۲۹'],
    // one second before midnight in Tehran, and midnight
    ['day', '2024-06-30T20:29:59Z', '2024-07-01T20:30:00Z', '۱۴۰۳/۰۴/۱۱'],
    ['day', '2024-06-30T20:30:00Z', '2024-07-02T20:30:00Z', '۱۴۰۳/۰۴/۱۲'],
  ] as const)('a %s from %s on ends at %s, after %s', (duration, issued, ends, last) => {
    const end = permitEnd(new Date(issued), duration);
    expect(end.toISOString()).toBe(ends.replace('Z', '.000Z'));
    expect(jalaliDate(lastInquirableDay(end))).toBe(last);
  });
});
