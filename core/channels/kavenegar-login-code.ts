import { localMobile } from '../text/identifiers';
import type { KavenegarSettings } from './kavenegar';
import { classifyCode, describeCode } from './kavenegar-codes';
import { closed, failure, outcomeOf, outcomeOfEntry } from './kavenegar-outcomes';
import type { KavenegarAnswer } from './kavenegar-transport';
import type { SendOutcome } from './outcomes';
import type { CodeMessage } from './sms-channel';

type Call = (method: 'Send' | 'VerifyLookup', params: Record<string, string>) => Promise<KavenegarAnswer>;

/** What is wrong with the template alone: notices may go on being sent while nobody can sign in. */
const TEMPLATE_FAULTS = new Set([424, 426, 432]);

/**
 * Sends one login code: by the template where there is one, because those pass every filter of the carriers,
 * else as a text under its local id. The template's method takes no local id.
 */
export async function sendLoginCode(
  call: Call,
  { otpTemplate, sender }: Pick<KavenegarSettings, 'otpTemplate' | 'sender'>,
  message: CodeMessage,
): Promise<SendOutcome> {
  const receptor = localMobile(message.mobile);
  let answer: KavenegarAnswer;
  try {
    answer = otpTemplate
      ? await call('VerifyLookup', { receptor, template: otpTemplate, token: message.code })
      : await call('Send', { receptor, sender, message: message.text, localid: message.localId });
  } catch (error) {
    return outcomeOf(error);
  }
  const { status, entries } = answer;
  if (otpTemplate && TEMPLATE_FAULTS.has(status))
    return failure('rejected', String(status), describeCode(status));
  switch (classifyCode(status)) {
    case 'ok':
      return outcomeOfEntry(message, entries[0]);
    case 'closed':
    case 'credit':
      throw closed(status);
    case 'rejected':
      return failure('rejected', String(status), describeCode(status));
    case 'try_later':
      return failure('try_later', String(status), describeCode(status));
    default:
      return failure('unknown', String(status), describeCode(status));
  }
}
