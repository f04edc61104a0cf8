import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { preciseNow } from './precise-now';

/** A request to a server, and the status the server has to answer with. */
export interface LoadRequest {
  method: 'GET' | 'POST';
  path: string;
  headers: Record<string, string>;
  body?: string;
  /** 200 if absent. */
  status?: number;
}

/** Result of requests at a constant rate. */
export interface LoadResult {
  /** Milliseconds from the time each request was due to the last byte of its answer. */
  latencies: number[];
  /** Number of requests that were not answered with their status. */
  failed: number;
}

/**
 * Starts work at a constant rate, and waits for all of it. Each piece starts when it is due, whether or not earlier ones have ended, so
 * a slow server is measured in full.
 *
 * @param start starts the nth piece, which must not reject; `due` is its time in milliseconds since the epoch
 * @returns the results, in order
 */
export async function runAtConstantRate<T>(
  perSecond: number,
  seconds: number,
  start: (n: number, due: number) => Promise<T>,
): Promise<T[]> {
  const began = preciseNow();
  const started: Promise<T>[] = [];
  for (let n = 0; n < perSecond * seconds; n += 1) {
    const due = began + (n * 1000) / perSecond;
    const early = due - preciseNow();
    if (early > 0) await delay(early);
    started.push(start(n, due));
  }
  return Promise.all(started);
}

/**
 * Sends requests at a constant rate.
 *
 * @param request returns the nth request
 */
export async function requestAtConstantRate(
  url: string,
  perSecond: number,
  seconds: number,
  request: (n: number) => LoadRequest,
): Promise<LoadResult> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  const answers = await runAtConstantRate(perSecond, seconds, (n, due) =>
    sendRequest(agent, url, request(n)).then((ok) => ({ latency: preciseNow() - due, ok })),
  );
  agent.destroy();
  return {
    latencies: answers.map(({ latency }) => latency),
    failed: answers.filter(({ ok }) => !ok).length,
  };
}

/** Sends a request. @returns whether it was answered with its status */
function sendRequest(agent: http.Agent, url: string, load: LoadRequest): Promise<boolean> {
  const { method, path, headers, body, status = 200 } = load;
  return new Promise((resolve) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const request = http.request(url + path, { agent, method, headers: { ...headers, ...length } });
    request.once('error', () => resolve(false));
    request.once('response', (response) => {
      response.once('error', () => resolve(false));
      response.once('end', () => resolve(response.statusCode === status));
      response.resume();
    });
    request.end(body);
  });
}
