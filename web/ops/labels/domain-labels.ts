import type { Measure, Overview } from '../../../core/monitoring/overview';
import type { Channel, Lane, QueueName } from '../../../core/platform/queues';
import { toPersianDigits } from '../../../core/text/normalise';

type ProcessKind = Overview['processes'][number]['kind'];

export const LANE_LABELS: Record<Lane, string> = { urgent: 'فوری', normal: 'عادی', bulk: 'انبوه' };
export const CHANNEL_LABELS: Record<Channel, string> = { sms: 'پیامک', email: 'ایمیل' };

export const MEASURE_LABELS: Record<Measure, string> = {
  accepted: 'پذیرفته',
  sent: 'فرستاده',
  delivered: 'تحویل‌شده',
  failed: 'نرسیده',
  unknown: 'نامعلوم',
};

/** Everyday names of the queues. A send queue is named after its channel and lane. */
export const QUEUE_LABELS: Record<QueueName, string> = {
  notices: 'دریافت مکاتبات',
  'sms-urgent': 'پیامک فوری',
  'sms-normal': 'پیامک عادی',
  'sms-bulk': 'پیامک انبوه',
  'email-urgent': 'ایمیل فوری',
  'email-normal': 'ایمیل عادی',
  'email-bulk': 'ایمیل انبوه',
  'sms-receipts': 'پیگیری تحویل پیامک',
  'sms-callbacks': 'خبرهای پیامک‌رسان',
  'login-codes': 'کدهای ورود',
  views: 'ثبت مشاهده‌ها',
  permits: 'پایان مجوزها',
};

export const LINE_STATE_LABELS: Record<Overview['lines'][number]['state'], string> = {
  open: 'باز',
  closed: 'بسته',
  paused: 'موقتاً بسته',
};

export const PROCESS_LABELS: Record<ProcessKind, string> = {
  api: 'سرور',
  workers: 'کارگر',
};

const EVENT_LABELS: Record<string, string> = {
  'notice.accepted': 'مکاتبه پذیرفته شد',
  'notice.refused': 'مکاتبه پذیرفته نشد',
  'notice.viewed': 'مکاتبه مشاهده شد',
  'attachment.opened': 'فایل ضمیمه باز شد',
  'alert.sent': 'هشدار فرستاده شد',
  'alert.delivered': 'هشدار تحویل شد',
  'alert.failed': 'هشدار نرسید',
  'alert.unknown': 'سرنوشت هشدار نامعلوم شد',
  'alert.expired': 'مهلت هشدار گذشت',
  'permit.issued': 'مجوز صادر شد',
  'permit.revoked': 'مجوز لغو شد',
  'permit.expired': 'مجوز پایان یافت',
  'inquiry.answered': 'استعلام پاسخ گرفت',
  'inquiry.refused': 'استعلام ناموفق بود',
};

/** Names an event type; a type without a label is shown as it is. */
export const eventLabel = (type: string): string => EVENT_LABELS[type] ?? type;

const ACTOR_LABELS: Record<string, string> = {
  employer: 'کارفرما',
  panel: 'پنل استعلام',
  system: 'خود سامانه',
  source: 'سامانه مبدأ',
  provider: 'خط',
  operator: 'راهبر',
};

/** Names the actor of an event by its kind and, if it has one, its own name. */
export function actorLabel(actor: string): string {
  const [kind = '', name] = actor.split(/:(.*)/s);
  return [ACTOR_LABELS[kind] ?? kind, name && isolate(name)].filter(Boolean).join(' ');
}

/** Writes a numeric code with Persian digits; a code such as ETIMEDOUT stays as it is. */
export const codeLabel = (code: string): string => (/^\d+$/.test(code) ? toPersianDigits(code) : code);

const isQueue = (name: string): name is QueueName => name in QUEUE_LABELS;

/** Wraps text in Unicode's isolate marks, so that its direction does not disturb the sentence around it. */
const isolate = (text: string): string => `\u2068${text}\u2069`;

/** Names the subject of a finding: a queue or a process by its label, anything else as it is. */
export function subjectLabel(subject: string): string {
  if (isQueue(subject)) return QUEUE_LABELS[subject];
  const [, kind, host, pid] = /^(api|workers) (\S+) (\d+)$/.exec(subject) ?? [];
  return kind ? `${PROCESS_LABELS[kind as ProcessKind]} ${isolate(`${host}:${pid}`)}` : isolate(subject);
}
