import { KavenegarApi } from 'kavenegar';
import { inSpan, type Span } from '../../platform/tracing';
import { localMobile } from '../../text/identifiers';
import { FIRST_LINE } from '../lines';
import { ChannelClosed, NotSent, type OnCall, OutcomeUnknown, type SendOutcome } from '../outcomes';
import type { MessageStatus, SmsChannel, SmsMessage } from '../sms-channel';
import { channelClosed, failure, outcomeOfEntry, outcomeOfFailedCall } from './call-outcomes';
import { classifyCode, describeCode, describeStatus } from './return-codes';
import { sendByTemplate, sendLoginCode } from './send-by-template';
import { createKavenegarTransport, type KavenegarAnswer } from './transport';

export interface KavenegarSettings {
  /** The name of the line. */
  line?: string;
  weight?: number;
  apiKey: string;
  sender: string;
  baseUrl: string;
  /** The verify/lookup template of login codes; without one they go by sms/send. */
  otpTemplate?: string | undefined;
  /** The verify/lookup template of messages to those who block the line. */
  blockedTemplate?: string | undefined;
  onCall?: OnCall;
  /** Milliseconds one call may take. */
  callTimeoutMs?: number;
  /** Milliseconds one `send` may take, with all its calls. */
  sendTimeoutMs?: number;
}

type Method = 'Send' | 'VerifyLookup' | 'SendArray' | 'Status' | 'StatusLocalMessageid' | 'AccountInfo';

/** Local ids the provider may be asked about in one call. */
const LOOK_UP_LIMIT = 500;

/**
 * SMS through Kavenegar: the `kavenegar` package for the methods and their names, our own transport below it.
 * `sms/sendarray` refuses a whole call for one bad message; such a call is cut in halves until the bad one
 * stands alone, with the same local ids, so that nothing can be sent twice.
 */
export function createKavenegar(settings: KavenegarSettings): SmsChannel & { close(): void } {
  const { line = FIRST_LINE.sms, weight = 1, callTimeoutMs = 10_000, sendTimeoutMs = 25_000 } = settings;
  const transport = createKavenegarTransport(settings.baseUrl, settings.apiKey, callTimeoutMs);
  const api = KavenegarApi({ apikey: settings.apiKey });
  api.request = (action, method, params, callback) => {
    const began = performance.now();
    const name = `${action}/${method}`;
    const asking = async (span: Span) => {
      const answer = await transport.call(action, method, params);
      span.setAttribute('ablagh.code', codeOfAnswer(answer));
      return answer;
    };
    const calling = inSpan(`${line} ${name}`, {}, asking, { kind: 'client' });
    calling.then(callback, callback);
    calling.then(codeOfAnswer, codeOfError).then((code) => {
      const seconds = (performance.now() - began) / 1000;
      settings.onCall?.({ line, method: name, seconds, code });
    });
  };

  const call = (method: Method, params: Record<string, string>) =>
    new Promise<KavenegarAnswer>((resolve, reject) => {
      api[method](params, (answer) => {
        if (answer instanceof Error) reject(answer);
        else resolve(answer as KavenegarAnswer);
      });
    });

  /** For questions, where only an answer counts. */
  async function ask(method: Method, params: Record<string, string>) {
    const answer = await call(method, params);
    const kind = classifyCode(answer.status);
    if (kind === 'closed' || kind === 'credit') throw channelClosed(answer.status);
    if (kind !== 'ok') throw new OutcomeUnknown(String(answer.status));
    return answer.entries;
  }

  async function sendSet(messages: SmsMessage[], until: number): Promise<SendOutcome[]> {
    if (Date.now() > until)
      return messages.map(() => failure('not_sent', 'deadline', 'no time was left to send it'));
    let answer: KavenegarAnswer;
    try {
      answer = await call('SendArray', sendParams(messages, settings.sender));
    } catch (error) {
      return messages.map(() => outcomeOfFailedCall(error));
    }
    const { status } = answer;
    switch (classifyCode(status)) {
      case 'ok':
        return outcomesOfEntries(messages, answer.entries);
      case 'closed':
      case 'credit':
        throw channelClosed(status);
      case 'rejected':
        if (messages.length > 1) return sendHalves(messages, until);
        return [failure('rejected', String(status), describeCode(status))];
      case 'try_later':
        return messages.map(() => failure('try_later', String(status), describeCode(status)));
      default:
        return messages.map(() => failure('unknown', String(status), describeCode(status)));
    }
  }

  async function sendHalves(messages: SmsMessage[], until: number): Promise<SendOutcome[]> {
    const middle = Math.ceil(messages.length / 2);
    const first = await sendSet(messages.slice(0, middle), until);
    try {
      return [...first, ...(await sendSet(messages.slice(middle), until))];
    } catch (error) {
      // The first half may be sent already, so the call as a whole did not fail: the rest was not sent.
      if (!(error instanceof ChannelClosed)) throw error;
      const rest = messages.slice(middle);
      return [...first, ...rest.map(() => failure('not_sent', error.providerCode, error.reason))];
    }
  }

  return {
    line,
    weight,
    send: (messages) => sendSet(messages, Date.now() + sendTimeoutMs),
    sendCode: (message) => sendLoginCode(call, settings, message),
    codesRepeatSafely: !settings.otpTemplate,
    hasTemplate: Boolean(settings.blockedTemplate),
    async sendByTemplate(message) {
      if (settings.blockedTemplate) return sendByTemplate(call, settings.blockedTemplate, message);
      return failure('rejected', 'no_template', 'the recipient blocks the line, and there is no template');
    },

    async lookUp(localIds) {
      const known = new Map<string, string>();
      for (let i = 0; i < localIds.length; i += LOOK_UP_LIMIT) {
        const localid = localIds.slice(i, i + LOOK_UP_LIMIT).join(',');
        for (const entry of await ask('StatusLocalMessageid', { localid })) {
          const messageId = String(entry.messageid ?? '0');
          if (Number(entry.status) !== 100 && messageId !== '0') known.set(String(entry.localid), messageId);
        }
      }
      return known;
    },

    async statuses(providerMessageIds) {
      const entries = await ask('Status', { messageid: providerMessageIds.join(',') });
      return new Map<string, MessageStatus>(
        entries.map((entry) => [String(entry.messageid), describeStatus(Number(entry.status))]),
      );
    },

    async credit() {
      const [info] = await ask('AccountInfo', {});
      return Number(info?.remaincredit ?? 0);
    },

    close: () => transport.close(),
  };
}

const codeOfAnswer = ({ status }: KavenegarAnswer): string => String(status);
const codeOfError = (error: unknown): string =>
  error instanceof NotSent || error instanceof OutcomeUnknown ? error.providerCode : 'error';

const sendParams = (messages: SmsMessage[], sender: string) => ({
  receptor: JSON.stringify(messages.map(({ mobile }) => localMobile(mobile))),
  sender: JSON.stringify(messages.map(() => sender)),
  message: JSON.stringify(messages.map(({ text }) => text)),
  localmessageids: `[${messages.map(({ localId }) => localId).join(',')}]`,
});

/** Entries tell by their place alone which message they are of, so one too few or too many voids them all. */
const outcomesOfEntries = (messages: SmsMessage[], entries: Record<string, unknown>[]): SendOutcome[] =>
  messages.map((message, i) =>
    outcomeOfEntry(message, entries.length === messages.length ? entries[i] : undefined),
  );
