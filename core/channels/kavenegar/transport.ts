import http from 'node:http';
import https from 'node:https';
import { NotSent, OutcomeUnknown } from '../outcomes';
import { formBody } from './form-body';

/** An answer of Kavenegar, whatever its HTTP status. */
export interface KavenegarAnswer {
  status: number;
  message: string;
  entries: Record<string, unknown>[];
}

/** A larger answer is not one to our calls: 500 entries with 900 characters each stay well below. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/**
 * The HTTP transport of Kavenegar, in the place of the SDK's own, which has no timeout, no limit and no way to tell "not sent"
 * from "no answer".
 *
 * The key is part of the path, so no error of this function holds a URL.
 *
 * @param timeoutMs milliseconds from the call to the last byte of the answer
 * @throws NotSent when no connection was made
 * @throws OutcomeUnknown when a connection was made and no readable answer came
 */
export function createKavenegarTransport(baseUrl: string, apiKey: string, timeoutMs: number) {
  const base = new URL(baseUrl);
  const { request, Agent } = base.protocol === 'https:' ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets: 32, timeout: 60_000 });
  const prefix = `${base.pathname.replace(/\/+$/, '')}/v1/${encodeURIComponent(apiKey)}`;

  function call(action: string, method: string, params: Record<string, string>): Promise<KavenegarAnswer> {
    const body = formBody(params);
    return new Promise((resolve, reject) => {
      let connected = false;
      const fail = (code: string) => {
        clearTimeout(timer);
        sent.destroy();
        reject(connected ? new OutcomeUnknown(code) : new NotSent(code));
      };
      const sent = request({
        agent,
        protocol: base.protocol,
        hostname: base.hostname.replace(/^\[|\]$/g, ''),
        port: base.port,
        method: 'POST',
        path: `${prefix}/${action}/${method}.json`,
        headers: {
          'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
          'content-length': body.length,
        },
      });
      const timer = setTimeout(() => fail('deadline'), timeoutMs);
      sent.on('socket', (socket) => {
        // From here on bytes may have left, and a failure no longer proves that nothing was sent. A kept connection is
        // up already; `reusedSocket` does not say so for a connection that this call had to wait for.
        if (!socket.connecting) connected = true;
        else
          socket.once(base.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
            connected = true;
          });
      });
      sent.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? 'network'));
      sent.on('response', (response) => {
        readAnswer(response).then(
          (answer) => {
            clearTimeout(timer);
            resolve(answer);
          },
          (error: Error) => fail(error.message),
        );
      });
      sent.end(body);
    });
  }

  return { call, close: () => agent.destroy() };
}

async function readAnswer(response: http.IncomingMessage): Promise<KavenegarAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new Error('answer_too_large');
    chunks.push(chunk);
  }
  return parseAnswer(Buffer.concat(chunks).toString('utf8'));
}

function parseAnswer(text: string): KavenegarAnswer {
  try {
    const { return: outcome, entries } = JSON.parse(text);
    if (!Number.isInteger(outcome.status)) throw new Error('no status');
    const list = Array.isArray(entries) ? entries : entries ? [entries] : [];
    return { status: outcome.status, message: String(outcome.message ?? ''), entries: list };
  } catch {
    throw new Error('unreadable_answer');
  }
}
