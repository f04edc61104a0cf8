import { jalaliDate, jalaliDateTime } from '../../../core/text/jalali';

const whole = new Intl.NumberFormat('fa-IR', { maximumFractionDigits: 0 });
const twoDigits = new Intl.NumberFormat('fa-IR', { maximumSignificantDigits: 2 });
const tenths = new Intl.NumberFormat('fa-IR', { maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat('fa-IR', { style: 'percent', maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat('fa-IR', {
  timeZone: 'Asia/Tehran',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

/** Stands in place of a value that does not exist. */
export const NO_VALUE = '—';

/** Formats a whole number: ۱۲٬۳۴۵ */
export const formatNumber = (value: number | null): string =>
  value === null ? NO_VALUE : whole.format(value);

/** Formats a share from 0 to 1 as a percentage, ۹۹٫۲٪. Rounding goes down, so that only a full share reads as 100%. */
export const formatShare = (value: number | null): string =>
  value === null ? NO_VALUE : percent.format(Math.floor(value * 1_000) / 1_000);

const UNITS = [
  { unit: 'روز', seconds: 86_400, from: 2 * 86_400 },
  { unit: 'ساعت', seconds: 3_600, from: 2 * 3_600 },
  { unit: 'دقیقه', seconds: 60, from: 120 },
  { unit: 'ثانیه', seconds: 1, from: 1 },
] as const;

/** Formats a duration in the largest unit that it holds at least twice: ۳۵۰ میلی‌ثانیه, ۲٫۵ ثانیه, ۱۰۰ ثانیه, ۳ دقیقه, ۵ روز. */
export function formatDuration(seconds: number | null): string {
  if (seconds === null) return NO_VALUE;
  const unit = UNITS.find(({ from }) => seconds >= from);
  if (!unit) return seconds > 0 ? `${whole.format(seconds * 1_000)} میلی‌ثانیه` : `${whole.format(0)} ثانیه`;
  const format = seconds < 10 ? tenths : whole;
  return `${format.format(seconds / unit.seconds)} ${unit.unit}`;
}

/** Formats seconds for a table column, without the unit: ۰٫۲۱, ۱٫۴, ۳۱۲ */
export const formatSeconds = (value: number | null): string =>
  value === null ? NO_VALUE : (value < 10 ? twoDigits : whole).format(value);

/** Formats a waiting time in whole seconds; anything below a second reads as «زیر ۱ ثانیه». */
export const formatAge = (value: number): string =>
  value < 1 ? `زیر ${formatDuration(1)}` : formatDuration(Math.floor(value));

/** Formats an amount of memory: ۵۱۲ مگابایت, ۱٫۵ گیگابایت. */
export function formatBytes(value: number): string {
  const megabytes = value / 2 ** 20;
  return megabytes >= 1_024
    ? `${tenths.format(megabytes / 1_024)} گیگابایت`
    : `${whole.format(megabytes)} مگابایت`;
}

/** Formats the time of day in Tehran, with seconds: ۱۴:۰۵:۰۹ */
export const formatTimeOfDay = (at: Date): string => clock.format(at);

/** Formats a start time: ۱۴:۰۵ on the day of `now`, ۱۴۰۳/۰۱/۲۱ ۱۴:۰۵ on another day. */
export const formatStart = (at: Date, now: Date): string =>
  jalaliDate(at) === jalaliDate(now) ? clock.format(at).slice(0, 5) : jalaliDateTime(at);

/** Formats the time that has passed since an instant. */
export const formatElapsed = (at: Date, now: Date): string =>
  formatDuration(Math.max(0, Math.floor((now.getTime() - at.getTime()) / 1_000)));
