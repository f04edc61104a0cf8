import type { FastifyPluginAsync } from 'fastify';
import { requireOperator } from '../operator-session';
import { type EventStream, openEventStream } from './event-stream';
import type { Status, StatusReader } from './status-reader';

interface StreamDependencies {
  reader: StatusReader;
  /** Whether a session token is still valid. */
  isSignedIn(token: string): Promise<boolean>;
  timing: StreamTiming;
}

export interface StreamTiming {
  /** The pause between two checks of the reader's session. */
  sessionCheckMs: number;
  /** The time after which a reader who takes nothing is cut off. */
  stalledReaderMs: number;
}

/** Serves `/ops/stream`, the status as server-sent events, while the page is open and its operator's session is valid. */
export const streamRoutes =
  ({ reader, isSignedIn, timing }: StreamDependencies): FastifyPluginAsync =>
  async (app) => {
    const open = new Set<EventStream>();
    let closing = false;
    app.addHook('preClose', async () => {
      closing = true;
      for (const stream of open) stream.end();
    });

    app.get('/ops/stream', { exposeHeadRoute: false }, async (request, reply) => {
      requireOperator(request);
      const { operatorToken: token } = request;
      reply.hijack();
      const { raw } = reply;
      // During the look-up of the session the reader may have left, or the server may have begun to stop.
      if (raw.destroyed || closing) return void raw.destroy();
      const stream = openEventStream(raw, reply.getHeaders(), timing.stalledReaderMs);
      open.add(stream);
      const end = streamStatus(stream, reader, () => isSignedIn(token), timing.sessionCheckMs);
      raw.once('close', () => {
        open.delete(stream);
        end();
      });
    });

    // A browser gives no reason for a refused stream, so the script asks with HEAD.
    app.head('/ops/stream', async (request, reply) => {
      requireOperator(request);
      return reply.code(204).send();
    });
  };

/** Sends the panels of each reading that differ from the reader's, until the session ends. @returns the function that stops */
function streamStatus(
  stream: EventStream,
  reader: StatusReader,
  isSignedIn: () => Promise<boolean>,
  sessionCheckMs: number,
): () => void {
  let sentPanels: Record<string, string> = {};
  let checkedAt = Date.now();
  const send = (status: Status): void => {
    if ('unavailable' in status) return void stream.send('away', { part: status.unavailable });
    // Without PostgreSQL no session can be checked, so nothing more is sent until one can.
    if (Date.now() - checkedAt > 2 * sessionCheckMs) return;
    const { title, panels } = status;
    const changed = Object.entries(panels).filter(([name, html]) => sentPanels[name] !== html);
    if (stream.send('status', { title, panels: changed.map(([, html]) => html) })) sentPanels = panels;
  };
  const stopListening = reader.subscribe(send);
  const timer = setInterval(async () => {
    stream.sendHeartbeat();
    const signedIn = await isSignedIn().catch(() => null);
    if (signedIn === false) return stream.end();
    if (signedIn) checkedAt = Date.now();
  }, sessionCheckMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    stopListening();
  };
}
