import { smsSegments } from '../../text/sms-segments';
import { ChannelClosed, NotSent, OutcomeUnknown, type SendOutcome, type SendOutcomeName } from '../outcomes';
import type { SmsMessage } from '../sms-channel';
import { classifyCode, describeCode } from './return-codes';

/** Gives the outcome that an entry of an answer proves. A missing entry, or one of another recipient, proves nothing. */
export function outcomeOfEntry(
  message: Pick<SmsMessage, 'mobile'> & { text?: string },
  entry: Record<string, unknown> | undefined,
): SendOutcome {
  const same = entry && String(entry.receptor).slice(-10) === message.mobile.slice(-10);
  if (!same || !entry.messageid)
    return failure('unknown', 'no_entry', 'the answer does not mention the message');
  const cost = Number(entry.cost);
  return {
    outcome: 'accepted',
    providerMessageId: String(entry.messageid),
    code: String(entry.status ?? 200),
    parts: smsSegments(message.text ?? String(entry.message ?? '')) || null,
    cost: Number.isFinite(cost) ? Math.round(cost) : null,
  };
}

/**
 * Gives the outcome of a call without an answer.
 *
 * @throws the error itself, when it is no NotSent or OutcomeUnknown
 */
export function outcomeOfFailedCall(error: unknown): SendOutcome {
  if (error instanceof NotSent)
    return failure('not_sent', error.providerCode, 'the provider could not be reached');
  if (error instanceof OutcomeUnknown)
    return failure('unknown', error.providerCode, 'no readable answer came back');
  throw error;
}

export const failure = (
  outcome: Exclude<SendOutcomeName, 'accepted'>,
  code: string,
  detail: string,
): SendOutcome => ({
  outcome,
  code,
  detail,
});

/** Makes the error for a refusal of the account itself. */
export const channelClosed = (status: number) =>
  new ChannelClosed(String(status), describeCode(status), classifyCode(status) === 'credit');
