import type { MessageStatus } from '../channels/sms-channel';
import type { Decision } from './decision';

/** The provider keeps a message's status for 48 hours. */
const RECEIPT_WINDOW_SECONDS = 48 * 3600;

/**
 * Whether an alert may go by the template when its recipient blocks the line. It is `in_doubt` where it may have gone by the
 * template already, in the time that was lost when the database was restored.
 */
export type TemplateFallback = 'allowed' | 'in_doubt' | 'none';

/** Decides the state of an alert that was sent, from the status its provider gives for the message. */
export function decideAfterStatus(
  status: MessageStatus,
  sentSecondsAgo: number,
  templateFallback: TemplateFallback = 'none',
): Decision {
  const data = { channel: 'sms', code: status.code, reason: status.detail };
  switch (status.state) {
    case 'delivered':
      return { state: 'delivered', reason: null, event: { type: 'alert.delivered', data }, next: null };
    case 'blocked':
      return afterBlocked(status, templateFallback);
    case 'failed':
      return { state: 'failed', reason: status.detail, event: { type: 'alert.failed', data }, next: null };
    case 'pending':
      if (sentSecondsAgo < RECEIPT_WINDOW_SECONDS) {
        return {
          state: 'sent',
          reason: null,
          event: null,
          next: { seconds: nextReceiptCheckSeconds(sentSecondsAgo), work: 'receipts' },
        };
      }
      return leftInDoubt('100', 'no delivery report came within 48 hours');
    default:
      return leftInDoubt('100', status.detail);
  }
}

const RESTORED_REASON =
  'the database was restored: it may have gone by the template in the time that is lost; a person decides';

function afterBlocked({ code, detail }: MessageStatus, templateFallback: TemplateFallback): Decision {
  const event = { type: 'alert.failed' as const, data: { channel: 'sms', code, reason: detail } };
  switch (templateFallback) {
    case 'allowed':
      return {
        state: 'queued',
        reason: `${detail}; it goes by the template now`,
        event,
        next: { seconds: 0, work: 'send' },
      };
    case 'in_doubt':
      return leftInDoubt('restored', `${detail}; ${RESTORED_REASON}`);
    default:
      return { state: 'failed', reason: detail, event, next: null };
  }
}

/** No worker takes the alert up again: a person decides. */
const leftInDoubt = (code: string, reason: string): Decision => ({
  state: 'unknown',
  reason,
  event: { type: 'alert.unknown', data: { channel: 'sms', code, reason } },
  next: null,
});

/** Checks grow rarer: half as many seconds as the message is old, from a minute to six hours, with some jitter. */
const nextReceiptCheckSeconds = (ageSeconds: number): number =>
  Math.round(Math.min(6 * 3600, Math.max(60, ageSeconds / 2)) * (0.9 + Math.random() * 0.2));
