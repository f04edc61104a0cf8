import { localMobile } from '../../text/identifiers';
import { ChannelClosed, type SendOutcome } from '../outcomes';
import type { SmsMessage } from '../sms-channel';
import { channelClosed, failure, outcomeOfEntry, outcomeOfFailedCall } from './call-outcomes';
import type { KavenegarClient, KavenegarParams } from './client';
import { classifyCode, describeCode } from './return-codes';
import type { KavenegarAnswer } from './transport';

/** A set of messages to send from one sender number, all before one instant. */
interface SendArrayJob {
  call: KavenegarClient['call'];
  sender: string;
  /** The instant, in milliseconds, after which no further call begins. */
  startUntil: number;
}

/**
 * Sends a set in one `sms/sendarray` call and gives the outcomes in the order of the messages. Kavenegar refuses a whole call for
 * one bad message: such a call is cut in halves until the bad message stands alone, with the same local ids, so that nothing can
 * be sent twice.
 *
 * @throws ChannelClosed when the account is refused; nothing was sent
 */
export async function sendArray(job: SendArrayJob, messages: SmsMessage[]): Promise<SendOutcome[]> {
  if (Date.now() > job.startUntil)
    return messages.map(() => failure('not_sent', 'deadline', 'no time was left to send it'));
  let answer: KavenegarAnswer;
  try {
    answer = await job.call('SendArray', paramsOf(messages, job.sender));
  } catch (error) {
    return messages.map(() => outcomeOfFailedCall(error));
  }
  const { status, entries } = answer;
  const sameForAll = (outcome: Parameters<typeof failure>[0]) =>
    messages.map(() => failure(outcome, String(status), describeCode(status)));
  switch (classifyCode(status)) {
    case 'ok':
      return outcomesOfEntries(messages, entries);
    case 'closed':
    case 'credit':
      throw channelClosed(status);
    case 'rejected':
      return messages.length > 1 ? sendHalves(job, messages) : sameForAll('rejected');
    case 'try_later':
      return sameForAll('try_later');
    default:
      return sameForAll('unknown');
  }
}

async function sendHalves(job: SendArrayJob, messages: SmsMessage[]): Promise<SendOutcome[]> {
  const middle = Math.ceil(messages.length / 2);
  const first = await sendArray(job, messages.slice(0, middle));
  const second = messages.slice(middle);
  try {
    return [...first, ...(await sendArray(job, second))];
  } catch (error) {
    // The first half may be sent already, so the call as a whole did not fail: the second half was not sent.
    if (!(error instanceof ChannelClosed)) throw error;
    return [...first, ...second.map(() => failure('not_sent', error.providerCode, error.reason))];
  }
}

const paramsOf = (messages: SmsMessage[], sender: string): KavenegarParams => ({
  receptor: JSON.stringify(messages.map(({ mobile }) => localMobile(mobile))),
  sender: JSON.stringify(messages.map(() => sender)),
  message: JSON.stringify(messages.map(({ text }) => text)),
  localmessageids: `[${messages.map(({ localId }) => localId).join(',')}]`,
});

/** Entries belong to messages by their place alone, so one too few or too many makes all of them void. */
const outcomesOfEntries = (messages: SmsMessage[], entries: KavenegarAnswer['entries']): SendOutcome[] =>
  messages.map((message, i) =>
    outcomeOfEntry(message, entries.length === messages.length ? entries[i] : undefined),
  );
