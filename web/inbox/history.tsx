import type { EventType } from '../../core/events/events';
import type { HistoryEvent, NoticeHistory } from '../../core/inbox/owner-notice-view';
import { When } from '../ui/text';
import { durationLabel } from './duration-labels';

type EventLabel = (event: HistoryEvent) => string;

const CHANNEL_LABELS: Record<string, string> = { sms: 'پیامک', email: 'ایمیل' };

const dataText = ({ data }: HistoryEvent, name: string): string => {
  const value = data[name];
  return typeof value === 'string' ? value : '';
};
const channelLabel = (event: HistoryEvent) => CHANNEL_LABELS[dataText(event, 'channel')] ?? 'هشدار';
const bodyName = (event: HistoryEvent) => dataText(event, 'body');

const EVENT_LABELS: Record<EventType, EventLabel> = {
  'notice.accepted': () => 'مکاتبه ثبت شد',
  'notice.refused': () => 'مکاتبه پذیرفته نشد',
  'notice.viewed': () => 'مکاتبه مشاهده شد',
  'attachment.opened': () => 'فایل ضمیمه باز شد',
  'alert.sent': (event) => `${channelLabel(event)} ارسال شد`,
  'alert.delivered': (event) => `${channelLabel(event)} تحویل شد`,
  'alert.failed': (event) => `${channelLabel(event)} نرسید`,
  'alert.unknown': (event) => `سرنوشت ${channelLabel(event)} معلوم نیست`,
  'alert.expired': (event) => `مهلت ارسال ${channelLabel(event)} به پایان رسید`,
  'permit.issued': (event) => {
    const duration = durationLabel(dataText(event, 'duration'));
    return duration ? `مجوز استعلام به مدت ${duration} صادر شد` : 'مجوز استعلام صادر شد';
  },
  'permit.revoked': () => 'مجوز استعلام لغو شد',
  'permit.expired': () => 'مهلت مجوز استعلام به پایان رسید',
  'inquiry.answered': () => 'استعلام شد',
  'inquiry.refused': () => 'استعلام ناموفق',
};

/** The events of a notice, oldest first. A government body appears under the name it typed. */
export const History = ({ history: { beginning, gap, latest } }: { history: NoticeHistory }) => (
  <ol class="course">
    {beginning.map(toListItem)}
    {gap && <li class="none">رویدادهای میان این دو در این صفحه نیامده است.</li>}
    {latest.map(toListItem)}
  </ol>
);

const toListItem = (event: HistoryEvent, i: number) => (
  <li key={i}>
    <When at={event.at} time />
    <span>
      {EVENT_LABELS[event.type](event)}
      {bodyName(event) && (
        <>
          : <bdi>{bodyName(event)}</bdi>
        </>
      )}
    </span>
  </li>
);
