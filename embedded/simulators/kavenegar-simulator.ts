import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createDeliveryCallbacks } from './delivery-callbacks';
import { parseForm } from './form-body';
import { collectBody, createHttpResponder } from './http-responder';
import { createIdSource, type IdSource } from './id-source';
import { answerBody, CallRefused } from './kavenegar-answers';
import { CALLS, checkMessages } from './kavenegar-calls';
import { createKavenegarStore, type Draft, deliveryResultOf, type SimulatedSms } from './kavenegar-store';
import { listenOnLoopback } from './listen-on-loopback';
import { type CallBehaviour, createMagicReceivers } from './magic-receivers';
import { finalAfterMs } from './message-status';

/** A call with the right key, before the simulator acts on it. */
export interface SimulatedCall {
  /** The path of the method, such as `sms/sendarray`. */
  method: string;
  params: Record<string, string>;
  /** The messages of a send; empty for the other methods. A receptor that is no mobile number is ''. */
  messages: readonly Draft[];
}

/** Decides how the simulator treats a call. `pass` leaves it to the magic receivers and the ordinary rules. */
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
  /** Receives `messageid` and `status` when a status is final. */
  callbackUrl?: string;
  /** Path of a file: accepted messages are known again after a restart. */
  journal?: string;
  /** The number of messages that are remembered; the oldest are dropped first. */
  maxMessages?: number;
  onCall?: OnCall;
  ids?: IdSource;
  /** The clock, in milliseconds; tests of what expires after hours set it. */
  now?: () => number;
}

export interface KavenegarSimulator {
  readonly apiKey: string;
  /** Starts on 127.0.0.1. @returns the base URL, without a slash at the end */
  listen(port?: number): Promise<string>;
  /** Breaks every connection, silent ones too, and writes the journal. Safe to call twice. */
  close(): Promise<void>;
  /** Lists the accepted messages, the oldest first. */
  messages(): SimulatedSms[];
  /** Lists the accepted messages with an id above `after`, the newest first. */
  latest(limit: number, after?: number): SimulatedSms[];
  /** Counts the remembered messages: cheaper than `messages().length`. */
  count(): number;
  /** Counts the sends that were attempted with this localid, whatever their result. */
  sendAttempts(localId: string | number): number;
  /** Counts the calls of one method, or of all. */
  calls(method?: string): number;
  /** Replaces the hook; none restores the ordinary behaviour. */
  setBehaviour(onCall?: OnCall): void;
  credit(): number;
  setCredit(rial: number): void;
  /** Drops localids, as the service does after 12 hours; all of them when none is named. */
  expireLocalIds(localId?: string | number): void;
}

/** The account key unless another is set. */
export const SIMULATOR_API_KEY = 'simulator';

const ENDPOINT = /^\/v1\/([^/]+)\/(\w+\/\w+)\.json$/;

/**
 * Simulates Kavenegar's REST API as far as this system uses it, in this process and over HTTP: the same answers, refusals,
 * idempotency by localid, credit and life of a message. `MAGIC_RECEIVERS` lists the numbers that play failures.
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

  /** @returns the treatment of the connection, and the body of the answer */
  function decide(
    method: string,
    key: string,
    params: Record<string, string>,
  ): { behaviour: CallBehaviour; body: string } {
    if (key !== apiKey) throw new CallRefused(403);
    const call = CALLS.get(method);
    if (!call) throw new CallRefused(404);
    callCounts.set(method, (callCounts.get(method) ?? 0) + 1);
    const messages = call.drafts(params);
    store.countAttempts(messages);
    const hooked = onCall?.({ method, params, messages }) ?? 'pass';
    const behaviour = hooked === 'pass' ? magic(messages) : hooked;
    if (behaviour === 'drop' || behaviour === 'html') return { behaviour, body: '' };
    if (typeof behaviour === 'object' && 'status' in behaviour) throw new CallRefused(behaviour.status);
    checkMessages(store, messages);
    return { behaviour, body: answerBody(200, call.run(store, params, messages)) };
  }

  function handle(request: IncomingMessage, response: ServerResponse, form: Buffer): void {
    const [path = '', search = ''] = (request.url ?? '').split('?', 2);
    const [, key, method] = ENDPOINT.exec(path) ?? [];
    const fields = request.method === 'GET' ? Buffer.from(search) : form;
    try {
      if (key === undefined || method === undefined) throw new CallRefused(404);
      const { behaviour, body } = decide(method, key, parseForm(fields));
      answers.respond(response, behaviour, body);
    } catch (error) {
      if (!(error instanceof CallRefused)) throw error;
      answers.json(response, error.status, answerBody(error.status, null));
    }
  }

  const server = createServer((request, response) => {
    collectBody(request, (form) => handle(request, response, form));
  });
  // Longer than any client keeps a connection: one that ends just as it is used again is a failure of its own.
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
    listen: async (port) => `http://127.0.0.1:${await listenOnLoopback(server, port)}`,
    close: () => (closing ??= close()),
    messages: store.messages,
    latest: store.latest,
    count: store.count,
    sendAttempts: (localId) => store.sendAttempts(String(localId)),
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
