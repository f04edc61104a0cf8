import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** A call as it came over the wire. */
export interface WireCall {
  httpMethod: string;
  path: string;
  headers: http.IncomingHttpHeaders;
  body: string;
}

export interface FakeKavenegar {
  url: string;
  port: number;
  calls: WireCall[];
  /** Breaks every connection. */
  close(): Promise<void>;
}

/** Answers one call, or leaves it unanswered. */
export type Answer = (response: ServerResponse, call: WireCall) => void;

const pem = (name: string) => readFileSync(join(__dirname, '../../../support/tls', name));

/** A certificate for api.kavenegar.com that nobody trusts unless told to; good until 2120. */
export const certificate = pem('kavenegar-cert.pem');

/** The provider down to the bytes, for what the simulator does not play: one answer for every call. */
export async function startFakeKavenegar(answer: Answer, { tls = false } = {}): Promise<FakeKavenegar> {
  const calls: WireCall[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    const { method = '', url = '', headers } = request;
    const call = { httpMethod: method, path: url, headers, body };
    calls.push(call);
    answer(response, call);
  };
  const server = tls
    ? https.createServer({ key: pem('kavenegar-key.pem'), cert: certificate }, serve)
    : http.createServer(serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    calls,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Answers as the provider does. */
export const answerJson =
  (entries: unknown, status = 200): Answer =>
  (response) => {
    response.end(JSON.stringify({ return: { status, message: 'پاسخ' }, entries }));
  };
