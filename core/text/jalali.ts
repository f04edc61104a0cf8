const dateFormat = new Intl.DateTimeFormat('fa-IR-u-ca-persian', {
  timeZone: 'Asia/Tehran',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
});
const timeFormat = new Intl.DateTimeFormat('fa-IR', {
  timeZone: 'Asia/Tehran',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** Formats the Jalali day of an instant in Tehran, in Persian digits: ۱۳۹۸/۰۱/۲۱ */
export function jalaliDate(instant: Date): string {
  return dateFormat.format(instant);
}

/** Formats the Jalali day and the time of day in Tehran: ۱۳۹۸/۰۱/۲۱ ۱۴:۰۵ */
export function jalaliDateTime(instant: Date): string {
  return `${dateFormat.format(instant)} ${timeFormat.format(instant)}`;
}
