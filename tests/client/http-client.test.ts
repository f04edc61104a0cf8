import { inspect } from 'node:util';
import { AblaghRefused, AblaghUnreachable, createHttpClient, type HttpClientOptions } from '../../client';
import { aNotice, anEmployer } from '../support/fixtures';
import { answering, breaking, type FakeApi, silent, startFakeApi } from './fake-api';

const API_KEY = 'abl_0123456789ab.a-secret-that-nobody-may-read';
const ACCEPTED = {
  id: '0198c0de-0000-7000-8000-000000000000',
  trackingNumber: '100000000008',
  state: 'accepted',
  acceptedAt: '2025-01-01T00:00:00.000Z',
  duplicate: false,
};
const UNKNOWN_EMPLOYER = {
  code: 'unknown_employer',
  detail: 'No employer has this national ID.',
  status: 422,
};

describe('the HTTP client', () => {
  const opened: FakeApi[] = [];
  const start = async (...handlers: Parameters<typeof startFakeApi>) => {
    const api = await startFakeApi(...handlers);
    opened.push(api);
    const client = (options: Partial<HttpClientOptions> = {}) =>
      createHttpClient({ url: api.url, apiKey: API_KEY, ...options });
    return { api, client };
  };
  afterEach(async () => {
    for (const api of opened.splice(0)) await api.close();
  });
  const failureOf = async (work: Promise<unknown>) =>
    work.then(
      () => {
        throw new Error('it was expected to fail');
      },
      (error: unknown) => error,
    );

  it('sends a notice with the key and gives the answer', async () => {
    const { api, client } = await start(answering(202, ACCEPTED));
    const notice = aNotice({ smsText: 'ابلاغیه‌ای دارید' });
    expect(await client().send(notice)).toEqual(ACCEPTED);
    const [request] = api.requests;
    expect(request).toMatchObject({ method: 'POST', url: '/v1/notices' });
    expect(request?.headers).toMatchObject({
      authorization: `Bearer ${API_KEY}`,
      'content-type': 'application/json',
    });
    expect(JSON.parse(request?.body ?? '')).toEqual(notice);
  });

  it('reaches an API below a path, with and without a final slash', async () => {
    const { api, client } = await start(answering(202, ACCEPTED));
    await client({ url: `${api.url}/ablagh` }).send(aNotice());
    await client({ url: `${api.url}/ablagh/` }).send(aNotice());
    expect(api.requests.map(({ url }) => url)).toEqual(['/ablagh/v1/notices', '/ablagh/v1/notices']);
  });

  it('sends on one connection, one request after the other', async () => {
    const { api, client } = await start(answering(202, ACCEPTED));
    const one = client();
    for (let i = 0; i < 5; i++) await one.send(aNotice());
    expect(await api.connections()).toBe(1);
  });

  it.each([502, 503, 504, 429])('retries after %i', async (status) => {
    const { api, client } = await start(answering(status), answering(202, ACCEPTED));
    expect(await client().send(aNotice())).toEqual(ACCEPTED);
    expect(api.requests).toHaveLength(2);
  });

  it('retries after a broken connection', async () => {
    const { api, client } = await start(breaking, breaking, answering(202, ACCEPTED));
    expect(await client().send(aNotice())).toEqual(ACCEPTED);
    expect(api.requests).toHaveLength(3);
  });

  it('retries after an answer that breaks off', async () => {
    const { client } = await start(
      (_, response) => {
        response.writeHead(202, { 'content-length': '500' }).write('{"id":');
        setImmediate(() => response.destroy());
      },
      answering(202, ACCEPTED),
    );
    expect(await client().send(aNotice())).toEqual(ACCEPTED);
  });

  it('waits at least as long as Retry-After says', async () => {
    const { client } = await start(answering(429, {}, { 'retry-after': '1' }), answering(202, ACCEPTED));
    const started = performance.now();
    await client().send(aNotice());
    expect(performance.now() - started).toBeGreaterThanOrEqual(990);
  });

  it('also reads Retry-After as a date', async () => {
    const date = new Date(Date.now() + 2_500).toUTCString();
    const { client } = await start(answering(503, {}, { 'retry-after': date }), answering(202, ACCEPTED));
    await client().send(aNotice());
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(date));
  });

  it('gives up when Retry-After is an hour', async () => {
    const { api, client } = await start(answering(429, {}, { 'retry-after': '3600' }));
    const error = await failureOf(client().send(aNotice()));
    expect(error).toBeInstanceOf(AblaghUnreachable);
    expect(error).toMatchObject({ status: 429, retryAfter: 3_600_000 });
    expect(api.requests).toHaveLength(1);
  });

  it.each([400, 401, 403, 404, 409, 413, 415, 422, 500])('does not retry after %i', async (status) => {
    const problem = { ...UNKNOWN_EMPLOYER, status, errors: [{ path: 'subject', message: 'is wrong' }] };
    const { api, client } = await start(answering(status, problem));
    const error = await failureOf(client().send(aNotice()));
    expect(error).toBeInstanceOf(AblaghRefused);
    expect(error).toMatchObject({
      status,
      code: 'unknown_employer',
      detail: 'No employer has this national ID.',
      errors: [{ path: 'subject', message: 'is wrong' }],
      message: 'unknown_employer: No employer has this national ID.',
    });
    expect(api.requests).toHaveLength(1);
  });

  it('handles a refusal that is not from the API', async () => {
    const { api, client } = await start((_, response) => response.writeHead(404).end('<h1>Not here</h1>'));
    const error = await failureOf(client().send(aNotice()));
    expect(error).toMatchObject({ status: 404, code: 'unexpected_answer', detail: `${api.url} answers 404` });
  });

  it('gives up when the retries are used up', async () => {
    const { api, client } = await start(answering(503));
    const error = await failureOf(client({ retries: 2 }).send(aNotice()));
    expect(error).toBeInstanceOf(AblaghUnreachable);
    expect(error).toMatchObject({ status: 503 });
    expect(api.requests).toHaveLength(3);
  });

  it('gives up an attempt that takes too long', async () => {
    const { api, client } = await start(silent, answering(202, ACCEPTED));
    expect(await client({ timeout: 100 }).send(aNotice())).toEqual(ACCEPTED);
    expect(api.requests).toHaveLength(2);
  });

  it('gives up an answer that does not end', async () => {
    const { client } = await start((_, response) => response.writeHead(202).write('{'));
    const error = await failureOf(client({ timeout: 100, retries: 0 }).send(aNotice()));
    expect(error).toBeInstanceOf(AblaghUnreachable);
    expect((error as Error).message).toContain('TimeoutError');
  });

  it('names the address that cannot be reached, and never the key', async () => {
    const { api, client } = await start(breaking);
    await api.close();
    opened.pop();
    const error = await failureOf(client({ retries: 1 }).send(aNotice()));
    expect((error as Error).message).toBe(`${api.url} cannot be reached (ECONNREFUSED)`);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('secret');
  });

  it('refuses a malformed key or address, without quoting the key', () => {
    for (const apiKey of ['', 'with space secret', 'secret\r\nx: y']) {
      expect(() => createHttpClient({ url: 'http://localhost', apiKey })).toThrow(
        new TypeError('apiKey is not an API key'),
      );
    }
    expect(() => createHttpClient({ url: 'ftp://localhost', apiKey: API_KEY })).toThrow(TypeError);
  });

  it('reads a notice and puts an employer whose ids need escaping', async () => {
    const { api, client } = await start(answering(200, { id: 'x' }));
    expect(await client().read('a/b')).toEqual({ id: 'x' });
    await client().putEmployer('0499370899', anEmployer());
    expect(api.requests).toMatchObject([
      { method: 'GET', url: '/v1/notices/a%2Fb' },
      { method: 'PUT', url: '/v1/employers/0499370899', body: JSON.stringify(anEmployer()) },
    ]);
  });

  describe('following the feed', () => {
    const event = (seq: number) => ({
      seq,
      at: '2025-01-01T00:00:00.000Z',
      type: 'notice.accepted',
      data: {},
    });

    it('reads one page after a cursor', async () => {
      const page = { events: [event(1)], next: '7-1' };
      const { api, client } = await start(answering(200, page));
      expect(await client().events({ after: '5-0', limit: 10 })).toEqual(page);
      expect(await client().events()).toEqual(page);
      expect(api.requests.map(({ url }) => url)).toEqual(['/v1/events?after=5-0&limit=10', '/v1/events']);
    });

    it('goes from page to page, and polls for new events', async () => {
      const { api, client } = await start(
        answering(200, { events: [event(1), event(2)], next: '7-2' }),
        answering(200, { events: [event(3)], next: '8-3' }),
        answering(200, { events: [], next: '8-3' }),
        answering(200, { events: [event(4)], next: '9-4' }),
      );
      const seen: unknown[] = [];
      for await (const { seq, cursor } of client().follow({ after: '5-0', pollEvery: 5 })) {
        seen.push([seq, cursor]);
        if (seq === 4) break;
      }
      expect(seen).toEqual([
        [1, '5-0'],
        [2, '7-2'],
        [3, '8-3'],
        [4, '9-4'],
      ]);
      expect(api.requests.map(({ url }) => url)).toEqual([
        '/v1/events?after=5-0',
        '/v1/events?after=7-2',
        '/v1/events?after=8-3',
        '/v1/events?after=8-3',
      ]);
    });

    it.each([
      ['while it waits for news', answering(200, { events: [], next: '0-0' })],
      ['while it waits for an answer', silent],
      ['while it waits to try again', breaking],
    ])('ends when it is aborted, %s', async (_, handler) => {
      const { api, client } = await start(handler);
      const stop = new AbortController();
      const ended = (async () => {
        for await (const followed of client().follow({ signal: stop.signal })) return followed;
        return 'ended';
      })();
      while (api.requests.length === 0) await new Promise(setImmediate);
      stop.abort();
      expect(await ended).toBe('ended');
    });

    it('throws a refusal', async () => {
      const { client } = await start(answering(401, { code: 'unauthorized', detail: 'Who are you?' }));
      const error = await failureOf(client().follow().next());
      expect(error).toMatchObject({ status: 401, code: 'unauthorized' });
    });
  });
});
