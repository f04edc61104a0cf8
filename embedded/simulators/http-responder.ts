import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CallBehaviour } from './magic-receivers';

const JSON_TYPE = 'application/json; charset=utf-8';
const MAX_BODY_BYTES = 8 * 1024 * 1024;
const BAD_GATEWAY_PAGE =
  '<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>';

/** Answers requests, or plays the ways in which a provider fails to answer. */
export interface HttpResponder {
  json(response: ServerResponse, status: number, body: string): void;
  /** Does to the connection what the behaviour says. */
  respond(response: ServerResponse, behaviour: CallBehaviour, body: string): void;
  /** Drops the answers that are still to come. */
  close(): void;
}

export function createHttpResponder(): HttpResponder {
  const timers = new Set<NodeJS.Timeout>();
  const json = (response: ServerResponse, status: number, body: string) =>
    reply(response, status, JSON_TYPE, body);
  return {
    json,
    respond(response, behaviour, body) {
      if (behaviour === 'silent') return;
      if (behaviour === 'drop') response.destroy();
      else if (behaviour === 'html') reply(response, 502, 'text/html', BAD_GATEWAY_PAGE);
      else if (behaviour === 'cut') cutOff(response, body);
      else if (typeof behaviour === 'object' && 'delayMs' in behaviour) {
        const timer = setTimeout(() => {
          timers.delete(timer);
          json(response, 200, body);
        }, behaviour.delayMs);
        timers.add(timer);
      } else json(response, 200, body);
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

function reply(response: ServerResponse, status: number, type: string, body: string): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { 'content-type': type, 'content-length': bytes.length });
  response.end(bytes);
}

function cutOff(response: ServerResponse, body: string): void {
  const bytes = Buffer.from(body);
  response.writeHead(200, { 'content-type': JSON_TYPE, 'content-length': bytes.length });
  response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
}

/** Collects a whole request body. A body that breaks off or is too large is never handed over. */
export function collectBody(request: IncomingMessage, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) request.destroy();
    else chunks.push(chunk);
  });
  request.on('end', () => done(Buffer.concat(chunks, size)));
  request.on('error', () => {});
}
