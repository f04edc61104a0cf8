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

/** The Jalali day of an instant in Tehran, in Persian digits: ۱۳۹۸/۰۱/۲۱ */
export function jalaliDate(instant: Date): string {
  return dateFormat.format(instant);
}

/** The same with the time of day: ۱۳۹۸/۰۱/۲۱ ۱۴:۰۵ */
export function jalaliDateTime(instant: Date): string {
  return `${dateFormat.format(instant)} ${timeFormat.format(instant)}`;
}
