const parts = new Intl.DateTimeFormat('fa-IR-u-ca-persian', {
  timeZone: 'Asia/Tehran',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

const fields = (instant: Date) =>
  Object.fromEntries(parts.formatToParts(instant).map(({ type, value }) => [type, value]));

/** The Jalali day of an instant in Tehran, in Persian digits: ۱۳۹۸/۰۱/۲۱ */
export function jalaliDate(instant: Date): string {
  const { year, month, day } = fields(instant);
  return `${year}/${month}/${day}`;
}

/** The same with the time of day: ۱۳۹۸/۰۱/۲۱ ۱۴:۰۵ */
export function jalaliDateTime(instant: Date): string {
  const { hour, minute } = fields(instant);
  return `${jalaliDate(instant)} ${hour}:${minute}`;
}
