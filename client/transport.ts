import { once } from 'node:events';
import http, { type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import { AblaghRefused, AblaghUnreachable, nameOf } from './errors';

/** The statuses of answers that pass by themselves. */
const RETRYABLE_STATUSES = new Set([429, 502, 503, 504]);
const API_KEY_PATTERN = /^[\x21-\x7e]+$/;

export interface Transport {
  /** Starts a request; the caller writes the body and ends it. `responseHead` throws its errors. */
  open(method: string, path: string, headers?: OutgoingHttpHeaders, signal?: AbortSignal): ClientRequest;
  /**
   * Waits for the head of a 2xx answer.
   *
   * @throws AblaghRefused for a final answer
   * @throws AblaghUnreachable for an answer that passes by itself, or when there is none
   */
  responseHead(request: ClientRequest): Promise<IncomingMessage>;
  /** Creates the error of a request that broke. It names the address and the cause, and nothing of the request. */
  connectionError(cause: unknown): AblaghUnreachable;
}

/**
 * Creates the transport to one API with one key, on connections that are kept alive. Idle connections do not keep the process running.
 *
 * @throws TypeError for a malformed address or key
 */
export function createTransport(url: string, apiKey: string): Transport {
  if (!API_KEY_PATTERN.test(apiKey)) throw new TypeError('apiKey is not an API key');
  const base = new URL(url.endsWith('/') ? url : `${url}/`);
  if (!/^https?:$/.test(base.protocol)) throw new TypeError('url is not an http or https address');
  const { Agent, request } = base.protocol === 'https:' ? https : http;
  const agent = new Agent({ keepAlive: true });
  const authorization = `Bearer ${apiKey}`;

  const broken = (cause: unknown) => {
    return new AblaghUnreachable(`${base.origin} cannot be reached (${nameOf(cause)})`, { cause });
  };

  return {
    connectionError: broken,
    open(method, path, headers = {}, signal) {
      const opened = request(new URL(path, base), {
        method,
        agent,
        headers: { accept: 'application/json, application/x-ndjson', ...headers, authorization },
        ...(signal && { signal }),
      });
      // `responseHead` and the reader of the answer report errors; a later error concerns no caller.
      opened.on('error', () => {});
      return opened;
    },
    async responseHead(opened) {
      let response: IncomingMessage;
      let body: string;
      try {
        [response] = (await once(opened, 'response')) as [IncomingMessage];
        const { statusCode = 0 } = response;
        if (statusCode >= 200 && statusCode < 300) return response;
        body = await text(response);
      } catch (error) {
        throw broken(error);
      }
      throw toError(base.origin, response, body);
    },
  };
}

function toError(origin: string, response: IncomingMessage, body: string): Error {
  const { statusCode: status = 0, headers } = response;
  if (RETRYABLE_STATUSES.has(status)) {
    const retryAfter = parseRetryAfter(headers['retry-after']);
    return new AblaghUnreachable(`${origin} answers ${status}`, {
      status,
      ...(retryAfter !== undefined && { retryAfter }),
    });
  }
  const { code, detail, errors } = parseProblem(body);
  return new AblaghRefused(
    status,
    typeof code === 'string' ? code : 'unexpected_answer',
    typeof detail === 'string' ? detail : `${origin} answers ${status}`,
    Array.isArray(errors) ? errors : [],
  );
}

/** Parses a problem; no field is set when the answer is something else, such as the page of a proxy. */
function parseProblem(body: string): { code?: unknown; detail?: unknown; errors?: unknown } {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    return {};
  }
}

/** Parses seconds or a date into milliseconds. */
function parseRetryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const wait = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}
