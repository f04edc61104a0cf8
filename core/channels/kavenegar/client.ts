import { KavenegarApi } from 'kavenegar';
import { inSpan, type Span } from '../../platform/tracing';
import { NotSent, type OnCall, OutcomeUnknown } from '../outcomes';
import { channelClosed } from './call-outcomes';
import { classifyCode } from './return-codes';
import { createKavenegarTransport, type KavenegarAnswer } from './transport';

export type KavenegarMethod =
  | 'Send'
  | 'VerifyLookup'
  | 'SendArray'
  | 'Status'
  | 'StatusLocalMessageid'
  | 'AccountInfo';
export type KavenegarParams = Record<string, string>;

export interface KavenegarClient {
  /**
   * Calls a method, and gives what Kavenegar answers, a refusal too.
   *
   * @throws NotSent, OutcomeUnknown when there is no answer
   */
  call(method: KavenegarMethod, params: KavenegarParams): Promise<KavenegarAnswer>;
  /**
   * Asks a question, for which only an answer counts.
   *
   * @throws NotSent, OutcomeUnknown, ChannelClosed when there is none
   */
  ask(method: KavenegarMethod, params: KavenegarParams): Promise<KavenegarAnswer['entries']>;
  close(): void;
}

export interface KavenegarClientSettings {
  line: string;
  apiKey: string;
  baseUrl: string;
  callTimeoutMs: number;
  onCall?: OnCall | undefined;
}

/** The `kavenegar` package for the methods and their names, on our own transport, with a span and a measurement for each call. */
export function createKavenegarClient(settings: KavenegarClientSettings): KavenegarClient {
  const { line, apiKey, baseUrl, callTimeoutMs, onCall } = settings;
  const transport = createKavenegarTransport(baseUrl, apiKey, callTimeoutMs);
  const api = KavenegarApi({ apikey: apiKey });
  api.request = (action, method, params, callback) => {
    const began = performance.now();
    const name = `${action}/${method}`;
    const callInSpan = async (span: Span) => {
      const answer = await transport.call(action, method, params);
      span.setAttribute('ablagh.code', codeOfAnswer(answer));
      return answer;
    };
    const calling = inSpan(`${line} ${name}`, {}, callInSpan, { kind: 'client' });
    calling.then(callback, callback);
    calling.then(codeOfAnswer, codeOfError).then((code) => {
      const seconds = (performance.now() - began) / 1000;
      onCall?.({ line, method: name, seconds, code });
    });
  };

  const call = (method: KavenegarMethod, params: KavenegarParams) =>
    new Promise<KavenegarAnswer>((resolve, reject) => {
      api[method](params, (answer) => {
        if (answer instanceof Error) reject(answer);
        else resolve(answer as KavenegarAnswer);
      });
    });

  return {
    call,
    async ask(method, params) {
      const { status, entries } = await call(method, params);
      const kind = classifyCode(status);
      if (kind === 'closed' || kind === 'credit') throw channelClosed(status);
      if (kind !== 'ok') throw new OutcomeUnknown(String(status));
      return entries;
    },
    close: () => transport.close(),
  };
}

const codeOfAnswer = ({ status }: KavenegarAnswer): string => String(status);
const codeOfError = (error: unknown): string =>
  error instanceof NotSent || error instanceof OutcomeUnknown ? error.providerCode : 'error';
