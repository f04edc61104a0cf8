import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface FakeApi {
  url: string;
  /** The requests in order: method, address, headers. */
  requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];
  /** Connections that are open. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

/** Starts a server that answers the n-th request by the n-th handler, and every further one by the last. */
export async function startFakeApi(...handlers: Handler[]): Promise<FakeApi> {
  const requests: FakeApi['requests'] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    const handler = handlers[Math.min(requests.length, handlers.length - 1)] as Handler;
    const seen = { method, url, headers, body: '' };
    requests.push(seen);
    response.on('error', () => {});
    Promise.resolve(handler(request, response))
      .then((body) => {
        if (typeof body === 'string') seen.body = body;
      })
      .catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Gives the lines of a request as they arrive, until it ends or breaks off. */
export async function* linesOf(request: IncomingMessage): AsyncGenerator<string> {
  request.setEncoding('utf8');
  let held = '';
  try {
    for await (const chunk of request) {
      const lines = `${held}${chunk}`.split('\n');
      held = lines.pop() as string;
      yield* lines;
    }
  } catch {
    // The client has gone away.
  }
}

/** Reads the request and answers it. */
export const answering =
  (status: number, body: unknown = {}, headers: Record<string, string> = {}): Handler =>
  async (request, response) => {
    const received = await text(request);
    const type = status < 400 ? 'application/json' : 'application/problem+json';
    response.writeHead(status, { 'content-type': type, ...headers }).end(JSON.stringify(body));
    return received;
  };

/** Breaks the connection without an answer. */
export const breaking: Handler = (request) => void request.socket.destroy();

/** Reads the request and never answers. */
export const silent: Handler = (request) => void request.resume();
