import type { ServerResponse } from 'node:http';

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // Proxies such as nginx would otherwise buffer the events.
  'x-accel-buffering': 'no',
  // The answer has no end, so the connection cannot be reused.
  connection: 'close',
};

/** The pause after which a browser reconnects when the stream broke off. */
const RETRY_MS = 2_000;

/** A stream of server-sent events to one reader. */
export interface EventStream {
  /** Sends an event, unless the reader has not yet taken the one before. @returns whether it was sent */
  send(event: string, data: unknown): boolean;
  /** Sends a comment, so that no proxy closes an idle connection. */
  sendHeartbeat(): void;
  end(): void;
}

/**
 * Begins a stream on a hijacked answer. Events for a slow reader never pile up: an event is left out while the one
 * before has not been taken, and a reader who takes nothing for `stalledReaderMs` is cut off.
 */
export function openEventStream(raw: ServerResponse, headers: object, stalledReaderMs: number): EventStream {
  raw.writeHead(200, { ...headers, ...HEADERS });
  raw.write(`retry: ${RETRY_MS}\n\n`);
  let lastTakenAt = Date.now();
  const write = (text: string): boolean => {
    if (raw.writableNeedDrain) {
      if (Date.now() - lastTakenAt > stalledReaderMs) raw.destroy();
      return false;
    }
    lastTakenAt = Date.now();
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
