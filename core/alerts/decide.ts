import type { SendOutcome } from '../channels/outcomes';
import type { MessageStatus } from '../channels/sms-channel';
import type { EventData, EventType } from '../events/events';
import type { Channel } from '../platform/queues';
import { backoff } from './backoff';

export type AlertState =
  | 'queued'
  | 'sending'
  | 'sent'
  | 'delivered'
  | 'failed'
  | 'unknown'
  | 'expired'
  | 'cancelled';

/** What follows from what became of an attempt. */
export interface Decision {
  state: AlertState;
  /** Why, for an alert that ends badly or hangs. */
  reason: string | null;
  event: { type: EventType; data: EventData } | null;
  /** Seconds until the alert is looked at again, and by which work; null when it is over. */
  next: { seconds: number; work: 'send' | 'receipts' } | null;
}

export interface AttemptContext {
  channel: Channel;
  tries: number;
  /** Seconds since the attempt began. */
  attemptAge: number;
  secondsToLive: number;
  /** Whether the attempt was known to be doubtful before: the timeline says so once. */
  wasUnknown: boolean;
  onUnknownEmail: 'park' | 'resend';
  /** Whether it went by the template, where nothing makes a repeat safe. */
  byTemplate: boolean;
}

/** Of an attempt whose worker was lost before it could say, where nobody else can. */
export const workerLost: SendOutcome = {
  outcome: 'unknown',
  code: 'worker_lost',
  detail: 'the worker was lost while the message was being handed over',
};

/** Kavenegar remembers local ids for 12 hours; an hour before that, a repeat is no longer certain to be safe. */
export const LOOK_UP_WINDOW_SECONDS = 11 * 3600;
/** The first look for a delivery report. */
const FIRST_RECEIPT_CHECK_SECONDS = 60;

/** What to do after an attempt: the whole life of an alert up to the provider's door stands here. */
export function decideAfterSend(result: SendOutcome, situation: AttemptContext): Decision {
  const { channel, tries, secondsToLive } = situation;
  switch (result.outcome) {
    case 'accepted':
      return {
        state: 'sent',
        reason: null,
        event: {
          type: 'alert.sent',
          data: {
            channel,
            providerMessageId: result.providerMessageId,
            cost: result.cost,
            parts: result.parts,
          },
        },
        next: channel === 'sms' ? { seconds: FIRST_RECEIPT_CHECK_SECONDS, work: 'receipts' } : null,
      };
    case 'rejected':
      return {
        state: 'failed',
        reason: result.detail,
        event: { type: 'alert.failed', data: { channel, code: result.code, reason: result.detail } },
        next: null,
      };
    case 'unknown':
      return decideUnknown(result, situation);
    default:
      return {
        state: 'queued',
        reason: result.detail,
        event: null,
        next: nextAttempt(backoff(result.outcome, tries), secondsToLive),
      };
  }
}

/** The last look comes when the time is over, and lets the alert expire. Whole seconds, as PostgreSQL keeps them. */
const nextAttempt = (wait: number, secondsToLive: number): Decision['next'] => ({
  seconds: Math.min(wait, Math.ceil(Math.max(0, secondsToLive))),
  work: 'send',
});

function decideUnknown(result: { code: string; detail: string }, situation: AttemptContext): Decision {
  const { channel, tries, attemptAge, secondsToLive, wasUnknown, onUnknownEmail, byTemplate } = situation;
  const event = wasUnknown
    ? null
    : { type: 'alert.unknown' as const, data: { channel, code: result.code, reason: result.detail } };
  if (channel === 'email' || byTemplate) {
    const resend = channel === 'email' && onUnknownEmail === 'resend' && secondsToLive > 0;
    return {
      state: resend ? 'queued' : 'unknown',
      reason: resend ? result.detail : `${result.detail}; a person decides whether it is sent again`,
      event,
      next: resend ? nextAttempt(backoff('unknown', tries), secondsToLive) : null,
    };
  }
  const forgotten = attemptAge >= LOOK_UP_WINDOW_SECONDS;
  if (forgotten || secondsToLive <= 0) {
    const why = forgotten ? 'the provider no longer remembers it' : 'its time is over';
    return { state: 'unknown', reason: `${result.detail}; ${why}, a person decides`, event, next: null };
  }
  const wait = backoff('unknown', 1 + Math.floor(attemptAge / 60));
  return { state: 'unknown', reason: result.detail, event, next: nextAttempt(wait, secondsToLive) };
}

/** The provider keeps a message's status for 48 hours. */
const RECEIPT_WINDOW_SECONDS = 48 * 3600;

/**
 * Whether an alert goes by the template where its recipient blocks the line. It is `doubtful` where it may have gone
 * by it already, in the time that was lost when the database was restored.
 */
export type TemplateFallback = 'open' | 'doubtful' | 'none';

/** What to do with an alert that was sent, once the provider was asked what became of it. */
export function decideAfterStatus(
  status: MessageStatus,
  sentSecondsAgo: number,
  otherWay: TemplateFallback = 'none',
): Decision {
  const data = { channel: 'sms', code: status.code, reason: status.detail };
  switch (status.state) {
    case 'delivered':
      return { state: 'delivered', reason: null, event: { type: 'alert.delivered', data }, next: null };
    case 'blocked':
      return decideBlocked(status, otherWay);
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
      return noDeliveryReport('no delivery report came within 48 hours');
    default:
      return noDeliveryReport(status.detail);
  }
}

function decideBlocked({ code, detail }: MessageStatus, otherWay: TemplateFallback): Decision {
  const event = { type: 'alert.failed' as const, data: { channel: 'sms', code, reason: detail } };
  switch (otherWay) {
    case 'open':
      return {
        state: 'queued',
        reason: `${detail}; it goes by the template now`,
        event,
        next: { seconds: 0, work: 'send' },
      };
    case 'doubtful':
      return leftInDoubt('restored', `${detail}; ${RESTORED_REASON}`);
    default:
      return { state: 'failed', reason: detail, event, next: null };
  }
}

const RESTORED_REASON =
  'the database was restored: it may have gone by the template in the time that is lost; a person decides';

const noDeliveryReport = (reason: string): Decision => leftInDoubt('100', reason);

const leftInDoubt = (code: string, reason: string): Decision => ({
  state: 'unknown',
  reason,
  event: { type: 'alert.unknown', data: { channel: 'sms', code, reason } },
  next: null,
});

/** Looks grow rarer: half as long again as the message is old, from a minute to six hours, with some jitter. */
const nextReceiptCheckSeconds = (age: number): number =>
  Math.round(Math.min(6 * 3600, Math.max(60, age / 2)) * (0.9 + Math.random() * 0.2));
