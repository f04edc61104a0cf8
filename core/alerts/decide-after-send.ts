import type { SendOutcome } from '../channels/outcomes';
import type { Channel } from '../platform/queues';
import { backoff } from './backoff';
import type { Decision } from './decision';

/** The facts about an attempt that its decision depends on, beside its outcome. */
export interface AttemptContext {
  channel: Channel;
  tries: number;
  /** Seconds since the attempt began. */
  attemptAgeSeconds: number;
  secondsToLive: number;
  /** Whether the attempt was unknown before: the timeline says so once. */
  wasUnknown: boolean;
  onUnknownEmail: 'park' | 'resend';
  /** Whether the attempt went by the template, where nothing makes a repeat safe. */
  byTemplate: boolean;
}

/** The outcome of an attempt whose worker died before it could settle, and about which no provider can be asked. */
export const workerLost: SendOutcome = {
  outcome: 'unknown',
  code: 'worker_lost',
  detail: 'the worker was lost while the message was being handed over',
};

/** Kavenegar remembers local ids for 12 hours; an hour before that, a repeat is no longer certain to be safe. */
export const LOOK_UP_WINDOW_SECONDS = 11 * 3600;
/** Seconds from a send to the first check for its delivery report. */
const FIRST_RECEIPT_CHECK_SECONDS = 60;

/** Decides the state of an alert after an attempt, what the timeline says of it, and when a worker takes it up again. */
export function decideAfterSend(result: SendOutcome, attempt: AttemptContext): Decision {
  const { channel, tries, secondsToLive } = attempt;
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
      return afterUnknown(result, attempt);
    default:
      return {
        state: 'queued',
        reason: result.detail,
        event: null,
        next: nextAttempt(backoff(result.outcome, tries), secondsToLive),
      };
  }
}

/** The last attempt comes when the time to live is over, and lets the alert expire. PostgreSQL keeps whole seconds. */
const nextAttempt = (delaySeconds: number, secondsToLive: number): Decision['next'] => ({
  seconds: Math.min(delaySeconds, Math.ceil(Math.max(0, secondsToLive))),
  work: 'send',
});

function afterUnknown(result: { code: string; detail: string }, attempt: AttemptContext): Decision {
  const { channel, wasUnknown, byTemplate } = attempt;
  const event = wasUnknown
    ? null
    : { type: 'alert.unknown' as const, data: { channel, code: result.code, reason: result.detail } };
  const canBeLookedUp = channel === 'sms' && !byTemplate;
  return {
    ...(canBeLookedUp ? lookUp(result.detail, attempt) : parkOrResend(result.detail, attempt)),
    event,
  };
}

/** The provider cannot be asked: a person decides, or the email is sent again if the configuration says so. */
function parkOrResend(detail: string, attempt: AttemptContext): Omit<Decision, 'event'> {
  const { channel, tries, secondsToLive, onUnknownEmail } = attempt;
  const resends = channel === 'email' && onUnknownEmail === 'resend' && secondsToLive > 0;
  return resends
    ? { state: 'queued', reason: detail, next: nextAttempt(backoff('unknown', tries), secondsToLive) }
    : { state: 'unknown', reason: `${detail}; a person decides whether it is sent again`, next: null };
}

/** The provider is asked again, ever more rarely, for as long as a repeat under the same local id is safe. */
function lookUp(
  detail: string,
  { attemptAgeSeconds, secondsToLive }: AttemptContext,
): Omit<Decision, 'event'> {
  const isForgotten = attemptAgeSeconds >= LOOK_UP_WINDOW_SECONDS;
  if (isForgotten || secondsToLive <= 0) {
    const cause = isForgotten ? 'the provider no longer remembers it' : 'its time is over';
    return { state: 'unknown', reason: `${detail}; ${cause}, a person decides`, next: null };
  }
  const delay = backoff('unknown', 1 + Math.floor(attemptAgeSeconds / 60));
  return { state: 'unknown', reason: detail, next: nextAttempt(delay, secondsToLive) };
}
