import { createTransport } from 'nodemailer';
import addressparser from 'nodemailer/lib/addressparser';
import { inSpan, type Span } from '../platform/tracing';
import type { EmailChannel, EmailMessage } from './email-channel';
import { FIRST_LINE } from './lines';
import { ChannelClosed, type OnCall, type SendOutcome, type SendOutcomeName } from './outcomes';

export interface SmtpSettings {
  /** smtp:// or smtps://, with credentials if there are any. */
  url: string;
  from: string;
  listUnsubscribe?: string | undefined;
  dkim?: { domainName: string; keySelector: string; privateKey: string } | undefined;
  onCall?: OnCall;
  /** The number of connections that stay open. */
  connections?: number;
  /** Milliseconds the server may be silent. */
  timeoutMs?: number;
}

interface SmtpError extends Error {
  code?: string;
  command?: string;
  responseCode?: number;
}

/** The part of nodemailer's message that is used here; its stream is read only once the server has answered DATA. */
interface OutgoingMail {
  data: { onContentLeaving?: () => void };
  message: { createReadStream(): NodeJS.ReadableStream };
}

/** A line for email over SMTP, on a few connections that stay open. */
export function createSmtp(settings: SmtpSettings): EmailChannel & { close(): void } {
  const { connections = 6, timeoutMs = 15_000, onCall } = settings;
  const transport = openTransport(settings, connections, timeoutMs);
  const line = FIRST_LINE.email;
  const fields = commonFields(settings);

  async function handOver(message: EmailMessage): Promise<SendOutcome> {
    let contentLeft = false;
    const onContentLeaving = () => {
      contentLeft = true;
    };
    try {
      // An object, because a text would be read as a list of mailboxes, and each would get the message.
      const to = { name: '', address: message.to };
      const mail = { ...message, ...fields, to, envelope: { from: fields.from, to }, onContentLeaving };
      const info = await transport.sendMail(mail as Parameters<typeof transport.sendMail>[0]);
      const code = /^\d{3}/.exec(info.response)?.[0] ?? '250';
      return { outcome: 'accepted', providerMessageId: message.messageId, code, parts: null, cost: null };
    } catch (error) {
      return classifySmtpError(error as SmtpError, contentLeft);
    }
  }

  return {
    line,
    weight: 1,
    concurrency: connections,
    async send(message: EmailMessage) {
      const began = performance.now();
      const report = (code: string) =>
        onCall?.({ line, method: 'send', seconds: (performance.now() - began) / 1000, code });
      try {
        const handOverInSpan = async (span: Span) => {
          const outcome = await handOver(message);
          span.setAttribute('ablagh.code', outcome.code);
          return outcome;
        };
        const outcome = await inSpan(`${line} send`, {}, handOverInSpan, { kind: 'client' });
        report(outcome.code);
        return outcome;
      } catch (error) {
        report(error instanceof ChannelClosed ? error.providerCode : 'error');
        throw error;
      }
    },
    close: () => transport.close(),
  };
}

/** Opens a pool of connections whose messages call `onContentLeaving` before the first byte of their content leaves. */
function openTransport({ url, dkim }: SmtpSettings, connections: number, timeoutMs: number) {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: connections,
    maxMessages: 1_000,
    // nodemailer must never send a message again by itself.
    maxRequeues: 0,
    connectionTimeout: Math.min(timeoutMs, 5_000),
    greetingTimeout: Math.min(timeoutMs, 5_000),
    socketTimeout: timeoutMs,
    dnsTimeout: Math.min(timeoutMs, 5_000),
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(dkim && { dkim }),
  } as Parameters<typeof createTransport>[0]);
  transport.use('stream', (mail, done) => {
    const { data, message } = mail as unknown as OutgoingMail;
    const createReadStream = message.createReadStream.bind(message);
    message.createReadStream = () => createReadStream().once('resume', () => data.onContentLeaving?.());
    done();
  });
  return transport;
}

/** Gives the fields that all messages have in common. */
function commonFields({ from: sender, listUnsubscribe }: SmtpSettings) {
  // Parsed once, because nodemailer would parse it three times for each email.
  const [from] = addressparser(sender, { flatten: true });
  return {
    from,
    headers: {
      'Auto-Submitted': 'auto-generated',
      ...(listUnsubscribe && { 'List-Unsubscribe': `<${listUnsubscribe}>` }),
    },
    // The Persian text is a sixth smaller in base64 than quoted-printable, and costs less to encode.
    textEncoding: 'base64',
    // No line of base64 looks like a boundary, so none has to be drawn at random.
    baseBoundary: 'ablagh',
  };
}

/** The commands whose refusal is about the message; a refusal before them is about the connection. */
const MESSAGE_COMMANDS = new Set(['MAIL FROM', 'RCPT TO', 'DATA']);

/**
 * Gives the outcome of a message whose send failed. Only an answer of the server is final; silence after the content began to
 * leave is unknown. The server's text may hold the address, so it is not passed on.
 *
 * @throws ChannelClosed when the credentials were refused
 */
export function classifySmtpError(error: SmtpError, contentLeft: boolean): SendOutcome {
  const { responseCode, command = '', code = 'error' } = error;
  const about = `${command || code} ${responseCode ?? ''}`.trim();
  if (code === 'EAUTH' && (responseCode === undefined || responseCode >= 500)) {
    throw new ChannelClosed(String(responseCode ?? code), 'the mail server refuses the credentials', false);
  }
  const result = (outcome: Exclude<SendOutcomeName, 'accepted'>, detail: string): SendOutcome => ({
    outcome,
    code: String(responseCode ?? code),
    detail,
  });
  if (responseCode !== undefined) {
    const permanent = responseCode >= 500 && MESSAGE_COMMANDS.has(command);
    return permanent
      ? result('rejected', `the mail server refused the message: ${about}`)
      : result('try_later', `the mail server put it off: ${about}`);
  }
  if (contentLeft)
    return result('unknown', 'the connection was lost while the message was being handed over');
  if (code === 'EENVELOPE' || code === 'EMESSAGE')
    return result('rejected', `the message cannot be sent: ${about}`);
  return result('not_sent', `the mail server could not be reached: ${about}`);
}
