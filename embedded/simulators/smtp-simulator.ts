import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { createIdSource, type IdSource } from './id-source';
import { listenOnLoopback } from './listen-on-loopback';
import { createMagicMailboxes, type DeliveryBehaviour, type MailStage } from './magic-mailboxes';
import { createMailStore, type SimulatedEmail } from './mail-store';

/** One step of a delivery, before the simulator acts on it. */
export interface SimulatedDelivery {
  stage: MailStage;
  from: string;
  /** At `rcpt` the one recipient, at `data` all of them. */
  to: string[];
}

/** Decides how the simulator treats a step. `pass` leaves it to the magic mailboxes. */
export type OnDelivery = (delivery: SimulatedDelivery) => DeliveryBehaviour;

export interface SmtpSimulatorOptions {
  /** False makes a sink that only counts, for benchmarks. */
  storeMessages?: boolean;
  /** Path of a file: accepted emails are there again after a restart. */
  journal?: string;
  onCall?: OnDelivery;
  ids?: IdSource;
}

export interface SmtpSimulator {
  /** Starts on 127.0.0.1. @returns the URL, `smtp://127.0.0.1:…` */
  listen(port?: number): Promise<string>;
  /** Breaks every connection and writes the journal. Safe to call twice. */
  close(): Promise<void>;
  /** Lists the emails, the oldest first. */
  messages(): SimulatedEmail[];
  /** Lists the emails with an id above `after`, the newest first. */
  latest(limit: number, after?: number): SimulatedEmail[];
  find(id: number): SimulatedEmail | undefined;
  /** Counts the emails that arrived since the start, stored or not. */
  count(): number;
  /** Replaces the hook; none restores the ordinary behaviour. */
  setBehaviour(onCall?: OnDelivery): void;
}

/** Longer than any client waits for a silent server. */
const SOCKET_TIMEOUT_MS = 600_000;

const REPLIES: Record<number, string> = {
  450: 'Mailbox busy, try again later',
  451: 'Greylisted, try again later',
  452: 'Mailbox full, try again later',
  550: 'No such mailbox',
};

/**
 * Simulates a mail server that stores its messages: without TLS, with an optional login that accepts any password.
 * `MAGIC_MAILBOXES` lists the recipients that play failures.
 */
export function createSmtpSimulator(options: SmtpSimulatorOptions = {}): SmtpSimulator {
  const { storeMessages = true, ids = createIdSource() } = options;
  const store = createMailStore(ids, storeMessages ? options.journal : undefined);
  const magic = createMagicMailboxes();
  const timers = new Set<NodeJS.Timeout>();
  let onCall = options.onCall;
  let arrived = 0;

  const decide = (stage: MailStage, session: SMTPServerSession, to: string[]): DeliveryBehaviour => {
    const from = session.envelope.mailFrom ? session.envelope.mailFrom.address : '';
    const hooked = onCall?.({ stage, from, to }) ?? 'pass';
    return hooked === 'pass' ? magic(stage, from, to) : hooked;
  };

  const applyBehaviour = (
    behaviour: DeliveryBehaviour,
    session: SMTPServerSession,
    answer: (error?: Error) => void,
  ) => {
    if (behaviour === 'pass') answer();
    else if (behaviour === 'drop') socketOf(session)?.destroy();
    else if (behaviour !== 'silent' && 'code' in behaviour) answer(refusal(behaviour.code));
    else if (behaviour !== 'silent') {
      const timer = setTimeout(() => {
        timers.delete(timer);
        answer();
      }, behaviour.delayMs);
      timers.add(timer);
    }
  };

  const receive = async (content: Buffer, session: SMTPServerSession, answer: (error?: Error) => void) => {
    const to = session.envelope.rcptTo.map(({ address }) => address);
    const behaviour = decide('data', session, to);
    const refused = typeof behaviour === 'object' && 'code' in behaviour;
    if (!refused) {
      arrived += 1;
      if (storeMessages) await store.add(content, to);
    }
    applyBehaviour(behaviour, session, answer);
  };

  const server = new SMTPServer({
    logger: false,
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    maxAllowedUnauthenticatedCommands: false,
    socketTimeout: SOCKET_TIMEOUT_MS,
    closeTimeout: 1_000,
    onAuth: ({ username }, _session, answer) => answer(null, { user: username ?? 'anyone' }),
    onRcptTo: ({ address }, session, answer) =>
      applyBehaviour(decide('rcpt', session, [address]), session, answer),
    onData: (stream, session, answer) => {
      readAll(stream, storeMessages, (content) => {
        receive(content, session, answer).catch((error: Error) => answer(error));
      });
    },
  });
  // A client that breaks off is no fault of the server; without a listener the error would end the process.
  server.on('error', () => {});

  function socketOf(session: SMTPServerSession) {
    return [...server.connections].find(({ id }) => id === session.id)?._socket;
  }

  let closing: Promise<void> | undefined;
  const close = async () => {
    for (const timer of timers) clearTimeout(timer);
    for (const { _socket } of server.connections) _socket.destroy();
    if (server.server.listening) await new Promise<void>((done) => server.close(() => done()));
    await store.close();
  };

  return {
    listen: async (port) => `smtp://127.0.0.1:${await listenOnLoopback(server.server, port)}`,
    close: () => (closing ??= close()),
    messages: store.messages,
    latest: store.latest,
    find: store.find,
    count: () => arrived,
    setBehaviour(next) {
      onCall = next;
    },
  };
}

function readAll(stream: SMTPServerDataStream, keep: boolean, done: (content: Buffer) => void): void {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => {
    if (keep) chunks.push(chunk);
  });
  stream.on('end', () => done(Buffer.concat(chunks)));
  stream.on('error', () => {});
}

const refusal = (code: number): Error =>
  Object.assign(new Error(REPLIES[code] ?? 'Refused'), { responseCode: code });
