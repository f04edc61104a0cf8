import { localMobile } from '../../text/identifiers';
import type { SendOutcome } from '../outcomes';
import type { CodeMessage, TemplateMessage } from '../sms-channel';
import { channelClosed, failure, outcomeOfEntry, outcomeOfFailedCall } from './call-outcomes';
import type { KavenegarClient } from './client';
import { classifyCode, describeCode } from './return-codes';
import type { KavenegarAnswer } from './transport';

type Call = KavenegarClient['call'];

/** The codes that refuse the template alone: the line stays open for notices, though no login code can be sent. */
const TEMPLATE_FAULTS = new Set([424, 426, 432]);

/**
 * Sends one login code: by the template where there is one, because templates pass every filter of the carriers, else as a text
 * under its local id.
 */
export function sendLoginCode(
  call: Call,
  { otpTemplate, sender }: { otpTemplate?: string | undefined; sender: string },
  message: CodeMessage,
): Promise<SendOutcome> {
  if (otpTemplate) return sendByTemplate(call, otpTemplate, { ...message, token: message.code });
  const { mobile, text, localId } = message;
  const params = { receptor: localMobile(mobile), sender, message: text, localid: localId };
  return outcomeOfCall(message, call('Send', params), new Set());
}

/** Sends one message by a template; the provider writes the text. The method takes no local id. */
export function sendByTemplate(call: Call, template: string, message: TemplateMessage): Promise<SendOutcome> {
  const params = { receptor: localMobile(message.mobile), template, token: message.token };
  return outcomeOfCall(message, call('VerifyLookup', params), TEMPLATE_FAULTS);
}

async function outcomeOfCall(
  message: Omit<TemplateMessage, 'token'>,
  calling: Promise<KavenegarAnswer>,
  rejections: Set<number>,
): Promise<SendOutcome> {
  let answer: KavenegarAnswer;
  try {
    answer = await calling;
  } catch (error) {
    return outcomeOfFailedCall(error);
  }
  const { status, entries } = answer;
  if (rejections.has(status)) return failure('rejected', String(status), describeCode(status));
  switch (classifyCode(status)) {
    case 'ok':
      return outcomeOfEntry(message, entries[0]);
    case 'closed':
    case 'credit':
      throw channelClosed(status);
    case 'rejected':
      return failure('rejected', String(status), describeCode(status));
    case 'try_later':
      return failure('try_later', String(status), describeCode(status));
    default:
      return failure('unknown', String(status), describeCode(status));
  }
}
