const numberFormat = new Intl.NumberFormat('fa-IR');

/** Formats a number with Persian digits: ۱۲٬۵۰۰ */
export const persianNumber = (value: number): string => numberFormat.format(value);

export type Tone = 'good' | 'bad' | 'open' | 'doubt';

/** Label and tone of each delivery status of the SMS provider. */
const SMS_STATUSES: Record<number, { label: string; tone: Tone }> = {
  1: { label: 'در صف ارسال', tone: 'open' },
  2: { label: 'زمان‌بندی‌شده', tone: 'open' },
  4: { label: 'تحویل مخابرات', tone: 'open' },
  5: { label: 'تحویل مخابرات', tone: 'open' },
  6: { label: 'ارسال‌نشده', tone: 'bad' },
  10: { label: 'رسیده به گیرنده', tone: 'good' },
  11: { label: 'نرسیده به گیرنده', tone: 'bad' },
  13: { label: 'لغوشده', tone: 'bad' },
  14: { label: 'مسدود نزد گیرنده', tone: 'bad' },
  100: { label: 'وضعیت نامعلوم', tone: 'doubt' },
};

export const smsStatus = (status: number): { label: string; tone: Tone } =>
  SMS_STATUSES[status] ?? { label: `وضعیت ${persianNumber(status)}`, tone: 'doubt' };
