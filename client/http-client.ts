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
  /** Where the API is, such as `https://ablagh.example.org`. */
  url: string;
  apiKey: string;
  /** Milliseconds one try may take; of a batch, how long nothing may move. 30,000 if absent. */
  timeout?: number;
  /** How often a try is repeated: 5 if absent, `Infinity` for ever. */
  retries?: number;
}

export interface FollowOptions {
  /** The cursor of the last event that was dealt with; null or absent is the beginning. */
  after?: string | null;
  /** Milliseconds between two looks at a feed without news: 2,000 if absent. */
  pollEvery?: number;
  /** Ends the iteration. */
  signal?: AbortSignal;
}

/**
 * The API for systems, on Node's own HTTP. Tries again on broken connections and on 429, 502, 503 and 504,
 * which is safe, because the `reference` of a notice counts once. Every method throws `AblaghRefused` for an
 * answer that is final and `AblaghUnreachable` when there is none after all retries.
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

  return {
    /** Sends one notice. When this returns, it is committed. */
    send: (notice: Notice): Promise<Accepted> => call('POST', 'v1/notices', notice),

    /**
     * Sends any number of notices and gives the answers in their order, while sending. Holds no more than a
     * few thousand notices: the notices are drawn as fast as they are accepted and the answers are read. When
     * the connection breaks, what has no answer yet is sent again. Ending the iteration early ends the sending.
     */
    sendBatch: (notices: Iterable<Notice> | AsyncIterable<Notice>): AsyncIterable<BatchAnswer> =>
      sendBatch({ transport, timeout, retries }, notices),

    /** What was sent to whom, and everything that happened since. */
    read: (id: string): Promise<NoticeReport> => call('GET', `v1/notices/${encodeURIComponent(id)}`),

    /** One page of this system's feed, oldest first: up to `limit` events (500 if absent) after a cursor. */
    events: (page: { after?: string | null; limit?: number } = {}): Promise<FeedPage> => events(page),

    /**
     * Every event from a cursor on, and then every new one, until the signal is aborted. Keep the `cursor` of
     * the last event that was dealt with: it is the `after` to start again from.
     */
    async *follow({ after, pollEvery = 2_000, signal }: FollowOptions = {}): AsyncGenerator<FollowedEvent> {
      let cursor = after ?? null;
      try {
        while (!signal?.aborted) {
          const page = await events({ after: cursor }, signal);
          for (const [i, event] of page.events.entries()) {
            if (signal?.aborted) return;
            yield { ...event, cursor: i === page.events.length - 1 ? page.next : cursor };
          }
          cursor = page.next;
          if (page.events.length === 0) await delay(pollEvery, undefined, signal && { signal });
        }
      } catch (error) {
        if (!signal?.aborted) throw error;
      }
    },

    /** Puts an employer into the register in the place of what was there. */
    async putEmployer(nationalId: string, employer: Employer): Promise<void> {
      await call('PUT', `v1/employers/${encodeURIComponent(nationalId)}`, employer);
    },
  };
}

export type HttpClient = ReturnType<typeof createHttpClient>;
