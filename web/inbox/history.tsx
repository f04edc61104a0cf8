import type { EventType } from '../../core/events/events';
import type { HistoryEvent, NoticeHistory } from '../../core/inbox/notice-window';
import { When } from '../frame/text';

type Words = (event: HistoryEvent) => string;

const CHANNEL: Record<string, string> = { sms: 'پیامک', email: 'ایمیل' };
const DURATION: Record<string, string> = { day: 'یک روز', week: 'یک هفته', month: 'یک ماه', year: 'یک سال' };

const text = ({ data }: HistoryEvent, name: string): string => {
  const value = data[name];
  return typeof value === 'string' ? value : '';
};
const channel = (event: HistoryEvent) => CHANNEL[text(event, 'channel')] ?? 'هشدار';
const body = (event: HistoryEvent) => text(event, 'body');

/** What happened, in the words of the inbox. */
const WORDS: Record<EventType, Words> = {
  'notice.accepted': () => 'مکاتبه ثبت شد',
  'notice.refused': () => 'مکاتبه پذیرفته نشد',
  'notice.viewed': () => 'مکاتبه مشاهده شد',
  'attachment.opened': () => 'فایل ضمیمه باز شد',
  'alert.sent': (event) => `${channel(event)} ارسال شد`,
  'alert.delivered': (event) => `${channel(event)} تحویل شد`,
  'alert.failed': (event) => `${channel(event)} نرسید`,
  'alert.unknown': (event) => `سرنوشت ${channel(event)} معلوم نیست`,
  'alert.expired': (event) => `مهلت ارسال ${channel(event)} به پایان رسید`,
  'permit.issued': (event) => {
    const duration = DURATION[text(event, 'duration')];
    return duration ? `مجوز استعلام به مدت ${duration} صادر شد` : 'مجوز استعلام صادر شد';
  },
  'permit.revoked': () => 'مجوز استعلام لغو شد',
  'permit.expired': () => 'مهلت مجوز استعلام به پایان رسید',
  'inquiry.answered': () => 'استعلام شد',
  'inquiry.refused': () => 'استعلام ناموفق',
};

/** Everything that happened to a notice, the oldest first. A government body is named as it named itself. */
export const History = ({ history: { beginning, gap, latest } }: { history: NoticeHistory }) => (
  <ol class="course">
    {beginning.map(toLine)}
    {gap && <li class="none">رویدادهای میان این دو در این صفحه نیامده است.</li>}
    {latest.map(toLine)}
  </ol>
);

const toLine = (event: HistoryEvent, i: number) => (
  <li key={i}>
    <When at={event.at} time />
    <span>
      {WORDS[event.type](event)}
      {body(event) && (
        <>
          : <bdi>{body(event)}</bdi>
        </>
      )}
    </span>
  </li>
);
