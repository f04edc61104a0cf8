import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDeliveryCallbacks } from './delivery-callbacks';
import { parseForm } from './form-body';
import { collectBody, createHttpResponder } from './http-responder';
import { createIdSource, type IdSource } from './id-source';
import { answerBody, CallRefused } from './kavenegar-answers';
import { CALLS, checkMessages } from './kavenegar-calls';
import { createKavenegarStore, type Draft, deliveryResultOf, type SimulatedSms } from './kavenegar-store';
import { type CallBehaviour, createMagicReceivers } from './magic-receivers';
import { finalAfterMs } from './message-status';

/** A call with the right key, before anything is done about it. */
export interface SimulatedCall {
  /** `sms/sendarray` and so on. */
  method: string;
  params: Record<string, string>;
  /** What a send asks for; empty for the other methods. A receptor that is no mobile number is ''. */
  messages: readonly Draft[];
}

/** Decides what becomes of a call. `pass` leaves it to the magic receivers and the ordinary rules. */
export type OnCall = (call: SimulatedCall) => CallBehaviour;

export interface KavenegarSimulatorOptions {
  /** Calls with another key are refused with 403. */
  apiKey?: string;
  /** Rial at the start. */
  credit?: number;
  /** Age at which a message is with the carrier (status 4), delivered (10), and delivered late. */
  carrierAfterMs?: number;
  deliveredAfterMs?: number;
  lateAfterMs?: number;
  /** Gets `messageid` and `status` when a status is final. */
  callbackUrl?: string;
  /** A file: what was accepted is known again after a restart. */
  journal?: string;
  /** How many messages are remembered at most; the oldest are forgotten first. */
  maxMessages?: number;
  onCall?: OnCall;
  ids?: IdSource;
  /** The clock, in milliseconds: for tests of what is forgotten after hours. */
  now?: () => number;
}

export interface KavenegarSimulator {
  readonly apiKey: string;
  /** Starts on 127.0.0.1. @returns the base URL, without a slash at the end */
  listen(port?: number): Promise<string>;
  /** Breaks every connection, silent ones too, and writes the journal. Safe to call twice. */
  close(): Promise<void>;
  /** What was accepted, the oldest first. */
  messages(): SimulatedSms[];
  /** What was accepted, the newest first, those numbered above `after` only. */
  latest(limit: number, after?: number): SimulatedSms[];
  /** How many messages are remembered: cheaper than `messages().length`. */
  count(): number;
  /** How often a send was attempted with this localid, whatever became of it. */
  sendAttempts(localId: string | number): number;
  /** How many calls came, of one method or of all. */
  calls(method?: string): number;
  /** Replaces the hook; none gives back the ordinary behaviour. */
  setBehaviour(onCall?: OnCall): void;
  credit(): number;
  setCredit(rial: number): void;
  /** Forgets localids the way the service does after 12 hours; all of them when none is named. */
  expireLocalIds(localId?: string | number): void;
}

/** The account key unless another is set. */
export const SIMULATOR_API_KEY = 'simulator';

const ENDPOINT = /^\/v1\/([^/]+)\/(\w+\/\w+)\.json$/;

/**
 * Kavenegar's REST API as far as this system uses it, in this process and over HTTP, with the same answers,
 * refusals, idempotency by localid, credit and life of a message. `MAGIC_RECEIVERS` lists the numbers that
 * play troubles.
 */
export function createKavenegarSimulator(options: KavenegarSimulatorOptions = {}): KavenegarSimulator {
  const {
    apiKey = SIMULATOR_API_KEY,
    credit = 1_000_000_000_000,
    maxMessages = 500_000,
    now = Date.now,
  } = options;
  const delays = {
    carrierAfterMs: options.carrierAfterMs ?? 1_000,
    deliveredAfterMs: options.deliveredAfterMs ?? 3_000,
    lateAfterMs: options.lateAfterMs ?? 60_000,
  };
  const callbacks = options.callbackUrl ? createDeliveryCallbacks(options.callbackUrl, now) : undefined;
  const store = createKavenegarStore({
    ...delays,
    ids: options.ids ?? createIdSource(),
    now,
    credit,
    maxMessages,
    journal: options.journal,
    onAccepted: (sms) =>
      callbacks?.schedule(sms.id, sms.at + finalAfterMs(deliveryResultOf(sms), delays), () =>
        store.statusOf(sms),
      ),
  });
  const magic = createMagicReceivers();
  const callCounts = new Map<string, number>();
  const answers = createHttpResponder();
  let onCall = options.onCall;

  /** @returns what to do with the connection, and the body for it */
  function decide(
    method: string,
    key: string,
    params: Record<string, string>,
  ): { play: CallBehaviour; body: string } {
    if (key !== apiKey) throw new CallRefused(403);
    const call = CALLS.get(method);
    if (!call) throw new CallRefused(404);
    callCounts.set(method, (callCounts.get(method) ?? 0) + 1);
    const messages = call.drafts(params);
    store.countAttempts(messages);
    const hooked = onCall?.({ method, params, messages }) ?? 'pass';
    const play = hooked === 'pass' ? magic(messages) : hooked;
    if (play === 'drop' || play === 'html') return { play, body: '' };
    if (typeof play === 'object' && 'status' in play) throw new CallRefused(play.status);
    checkMessages(store, messages);
    return { play, body: answerBody(200, call.run(store, params, messages)) };
  }

  function handle(request: IncomingMessage, response: ServerResponse, form: Buffer): void {
    const [path = '', search = ''] = (request.url ?? '').split('?', 2);
    const [, key, method] = ENDPOINT.exec(path) ?? [];
    const fields = request.method === 'GET' ? Buffer.from(search) : form;
    try {
      if (key === undefined || method === undefined) throw new CallRefused(404);
      const { play, body } = decide(method, key, parseForm(fields));
      answers.respond(response, play, body);
    } catch (error) {
      if (!(error instanceof CallRefused)) throw error;
      answers.json(response, error.status, answerBody(error.status, null));
    }
  }

  const server = createServer((request, response) => {
    collectBody(request, (form) => handle(request, response, form));
  });
  // Longer than any client keeps one: a connection that ends here just as it is used again is a trouble of its own.
  server.keepAliveTimeout = 65_000;

  let closing: Promise<void> | undefined;
  const close = async () => {
    answers.close();
    callbacks?.close();
    await new Promise<void>((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
    await store.close();
  };

  return {
    apiKey,
    listen: (port = 0) =>
      new Promise((listening, fail) => {
        server.once('error', fail);
        server.listen(port, '127.0.0.1', () => {
          server.off('error', fail);
          listening(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
        });
      }),
    close: () => (closing ??= close()),
    messages: store.messages,
    latest: store.latest,
    count: store.count,
    sendAttempts: (localId) => store.attempts(String(localId)),
    calls: (method) =>
      method
        ? (callCounts.get(method) ?? 0)
        : [...callCounts.values()].reduce((sum, count) => sum + count, 0),
    setBehaviour(next) {
      onCall = next;
    },
    credit: store.credit,
    setCredit: store.setCredit,
    expireLocalIds: (localId) => store.expireLocalIds(localId === undefined ? undefined : String(localId)),
  };
}
