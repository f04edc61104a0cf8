import type { ServerResponse } from 'node:http';

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // Proxies would otherwise keep it until it is worth their while.
  'x-accel-buffering': 'no',
  // The answer has no end, so nothing else can come over this connection.
  connection: 'close',
};

/** How soon a browser asks again after the stream broke off, in milliseconds. */
const RETRY_MS = 2_000;

/** Server-sent events to one reader. */
export interface EventStream {
  /** Sends an event, unless the reader has not taken the one before. @returns whether it was sent */
  send(event: string, data: unknown): boolean;
  /** A comment, which keeps proxies and the connection awake. */
  sendHeartbeat(): void;
  end(): void;
}

/**
 * Begins a stream on an answer nobody else writes to. What a slow reader has not taken is never piled up: the next
 * event is left out, and one who takes nothing for `patience` milliseconds is cut off.
 */
export function openEventStream(raw: ServerResponse, headers: object, patience: number): EventStream {
  raw.writeHead(200, { ...headers, ...HEADERS });
  raw.write(`retry: ${RETRY_MS}\n\n`);
  let taken = Date.now();
  const write = (text: string): boolean => {
    if (raw.writableNeedDrain) {
      if (Date.now() - taken > patience) raw.destroy();
      return false;
    }
    taken = Date.now();
    raw.write(text);
    return true;
  };
  return {
    send: (event, data) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    sendHeartbeat: () => void write(':\n\n'),
    // Not `end()`: that would wait until a reader who has stopped reading has taken everything.
    end: () => raw.destroy(),
  };
}
