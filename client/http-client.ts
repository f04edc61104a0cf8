import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  Accepted,
  BatchAnswer,
  Employer,
  FeedPage,
  FollowedEvent,
  Notice,
  NoticeReport,
} from './notice';
import { retry } from './retry';
import { sendBatch } from './send-batch';
import { createTransport } from './transport';

export interface HttpClientOptions {
  /** The address of the API, such as `https://ablagh.example.org`. */
  url: string;
  apiKey: string;
  /** Milliseconds one attempt may take; for a batch, how long nothing may move. 30,000 if absent. */
  timeout?: number;
  /** How often a failed attempt is repeated: 5 if absent, `Infinity` for ever. */
  retries?: number;
}

export interface FollowOptions {
  /** The cursor of the last event that was processed; null or absent is the beginning. */
  after?: string | null;
  /** Milliseconds between two polls of a feed without new events: 2,000 if absent. */
  pollEvery?: number;
  /** Ends the iteration. */
  signal?: AbortSignal;
}

/**
 * Creates a client of the API for source systems, on Node's own HTTP. It retries after broken connections and after 429, 502, 503
 * and 504, which is safe, because the `reference` of a notice counts once. Every method throws `AblaghRefused` for a final answer
 * and `AblaghUnreachable` when all retries got none.
 */
export function createHttpClient({ url, apiKey, timeout = 30_000, retries = 5 }: HttpClientOptions) {
  const transport = createTransport(url, apiKey);

  const call = async <T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> => {
    const json = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers = json && { 'content-type': 'application/json', 'content-length': json.length };
    return retry(
      async () => {
        const deadline = AbortSignal.timeout(timeout);
        const request = transport.open(
          method,
          path,
          headers,
          signal ? AbortSignal.any([signal, deadline]) : deadline,
        );
        request.end(json);
        const response = await transport.responseHead(request).catch((error: unknown) => {
          throw deadline.aborted ? transport.connectionError(deadline.reason) : error;
        });
        try {
          return JSON.parse(await text(response)) as T;
        } catch (error) {
          throw transport.connectionError(deadline.aborted ? deadline.reason : error);
        }
      },
      retries,
      signal,
    );
  };

  const events = (
    { after, limit }: { after?: string | null; limit?: number } = {},
    signal?: AbortSignal,
  ): Promise<FeedPage> => {
    const query = new URLSearchParams();
    if (after != null) query.set('after', after);
    if (limit !== undefined) query.set('limit', String(limit));
    return call('GET', `v1/events?${query}`, undefined, signal);
  };

  /** Reads a page, and waits before it gives an empty one; null when the signal was aborted meanwhile. */
  async function nextPage(
    after: string | null,
    pollEvery: number,
    signal: AbortSignal | undefined,
  ): Promise<FeedPage | null> {
    try {
      const page = await events({ after }, signal);
      if (page.events.length === 0) await delay(pollEvery, undefined, signal && { signal });
      return page;
    } catch (error) {
      if (signal?.aborted) return null;
      throw error;
    }
  }

  return {
    /** Sends one notice, which is committed when this returns. */
    send: (notice: Notice): Promise<Accepted> => call('POST', 'v1/notices', notice),

    /**
     * Sends any number of notices and gives the answers in their order, while sending. It holds a few thousand notices at most: they
     * are drawn as fast as they are accepted and their answers are read. When the connection breaks, the notices without an answer are
     * sent again. Ending the iteration early ends the sending.
     */
    sendBatch: (notices: Iterable<Notice> | AsyncIterable<Notice>): AsyncIterable<BatchAnswer> =>
      sendBatch({ transport, timeout, retries }, notices),

    /** Reads a notice that this system sent, with everything that has happened to it since. */
    read: (id: string): Promise<NoticeReport> => call('GET', `v1/notices/${encodeURIComponent(id)}`),

    /** Reads one page of this system's feed, oldest first: up to `limit` events (500 if absent) after a cursor. */
    events: (page: { after?: string | null; limit?: number } = {}): Promise<FeedPage> => events(page),

    /**
     * Gives every event from a cursor on, and then every new one, until the signal is aborted. Keep the `cursor` of the last event
     * that was processed: it is the `after` to start again from.
     */
    async *follow({ after, pollEvery = 2_000, signal }: FollowOptions = {}): AsyncGenerator<FollowedEvent> {
      let cursor = after ?? null;
      while (!signal?.aborted) {
        const page = await nextPage(cursor, pollEvery, signal);
        for (const event of page ? withCursors(page, cursor) : []) {
          if (signal?.aborted) return;
          yield event;
        }
        cursor = page?.next ?? cursor;
      }
    },

    /** Replaces an employer in the register, or adds it. */
    async putEmployer(nationalId: string, employer: Employer): Promise<void> {
      await call('PUT', `v1/employers/${encodeURIComponent(nationalId)}`, employer);
    },
  };
}

/** Only the last event of a page moves the cursor: after any other, the same page is read again. */
const withCursors = ({ events, next }: FeedPage, cursor: string | null): FollowedEvent[] =>
  events.map((event, i) => ({ ...event, cursor: i === events.length - 1 ? next : cursor }));

export type HttpClient = ReturnType<typeof createHttpClient>;
