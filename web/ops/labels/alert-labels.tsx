import type { AlertState } from '../../../core/alerts/states';
import type { AttemptView } from '../../../core/operator-console/operator-notice-view';
import { localMobile } from '../../../core/text/identifiers';
import { toPersianDigits } from '../../../core/text/normalise';
import { Ltr } from '../../ui/text';

const ALERT_STATE_LABELS: Record<AlertState, readonly [text: string, tone: string]> = {
  queued: ['در صف ارسال', 'accent'],
  sending: ['در حال ارسال', 'accent'],
  sent: ['فرستاده شد', 'good'],
  delivered: ['تحویل شد', 'good'],
  failed: ['نرسید', 'bad'],
  unknown: ['سرنوشت نامعلوم', 'caution'],
  expired: ['مهلت گذشت', 'bad'],
  cancelled: ['لغو شد', 'caution'],
};

export const alertStateLabel = (state: AlertState): string => ALERT_STATE_LABELS[state][0];

export const AlertStateBadge = ({ state }: { state: AlertState }) => (
  <span class={`badge ${ALERT_STATE_LABELS[state][1]}`}>{ALERT_STATE_LABELS[state][0]}</span>
);

export const ATTEMPT_OUTCOME_LABELS: Record<AttemptView['outcome'], string> = {
  accepted: 'ارائه‌دهنده پذیرفت',
  rejected: 'ارائه‌دهنده رد کرد',
  try_later: 'ارائه‌دهنده به بعد انداخت',
  not_sent: 'فرستاده نشد',
  unknown: 'نامعلوم',
};

/** The recipient's mobile or email address, masked or not. The digits of an email address stay Latin. */
export const Address = ({ address }: { address: string }) =>
  address === '' ? (
    <span class="none">مهلت نگهداری نشانی گذشته و حذف شده است</span>
  ) : (
    <Ltr>{address.includes('@') ? address : toPersianDigits(localMobile(address))}</Ltr>
  );
