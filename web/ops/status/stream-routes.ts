import type { FastifyPluginAsync } from 'fastify';
import { requireOperator } from '../operator-session';
import { type EventStream, openEventStream } from './event-stream';
import type { Status, StatusReader } from './status-reader';

interface StreamDependencies {
  reader: StatusReader;
  /** Whether the holder of a session's token may still look. */
  isSignedIn(token: string): Promise<boolean>;
  timing: StreamTiming;
}

/** Milliseconds. */
export interface StreamTiming {
  /** Between two looks at whether the reader may still look. */
  sessionCheckMs: number;
  /** How long a reader may take nothing of what is sent. */
  stalledReaderMs: number;
}

/** `/ops/stream`: the status as server-sent events, for as long as the page is open and its operator may see it. */
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
      // While the session was looked up, the reader may have left, or the server been told to stop.
      if (raw.destroyed || closing) return void raw.destroy();
      const stream = openEventStream(raw, reply.getHeaders(), timing.stalledReaderMs);
      open.add(stream);
      const end = streamStatus(stream, reader, () => isSignedIn(token), timing.sessionCheckMs);
      raw.once('close', () => {
        open.delete(stream);
        end();
      });
    });

    // A browser is not told why a stream was refused; so the script asks.
    app.head('/ops/stream', async (request, reply) => {
      requireOperator(request);
      return reply.code(204).send();
    });
  };

/** Sends each reading, of its parts only those the reader does not have; and ends with the right to look. */
function streamStatus(
  stream: EventStream,
  reader: StatusReader,
  mayLook: () => Promise<boolean>,
  recheck: number,
): () => void {
  let shown: Record<string, string> = {};
  let checkedAt = Date.now();
  const send = (status: Status): void => {
    if ('away' in status) return void stream.send('away', { part: status.away });
    // While PostgreSQL is away nobody can say who may look, so nothing is shown until it can.
    if (Date.now() - checkedAt > 2 * recheck) return;
    const { title, panels } = status;
    const news = Object.entries(panels).filter(([name, html]) => shown[name] !== html);
    if (stream.send('status', { title, panels: news.map(([, html]) => html) })) shown = panels;
  };
  const stopListening = reader.subscribe(send);
  const timer = setInterval(async () => {
    stream.sendHeartbeat();
    const may = await mayLook().catch(() => null);
    if (may === false) return stream.end();
    if (may) checkedAt = Date.now();
  }, recheck);
  timer.unref();
  return () => {
    clearInterval(timer);
    stopListening();
  };
}
