import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import type { Database } from '../../core/platform/database';
import { Unavailable } from '../../core/platform/errors';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { addSource, aNotice, registerEmployer } from '../support/fixtures';
import { until } from '../support/until';
import { acceptDependencies, bearer, startTestApi, type TestApi } from './test-api';

interface AnswerLine {
  line: number;
  status: number;
  code?: string;
  id?: string;
  errors?: { path: string; message: string }[];
}

describe('POST /v1/notices/batch', () => {
  let test: TestDatabase;
  let api: TestApi;
  let apiKey: string;
  const opened: TestApi[] = [];

  const start = async (given: Parameters<typeof startTestApi>[1] = {}) => {
    const started = await startTestApi(test.db, given);
    opened.push(started);
    return started;
  };
  beforeAll(async () => {
    test = await createTestDatabase();
    api = await start();
    ({ apiKey } = await addSource(test.db));
    await registerEmployer(test.db);
  });
  afterAll(async () => {
    for (const one of opened) await one.close();
    await test.drop();
  });

  const head = async (of: TestApi, contentType = 'application/x-ndjson') => ({
    target: `${await of.listen()}/v1/notices/batch`,
    options: { method: 'POST', headers: { ...bearer(apiKey), 'content-type': contentType } },
  });

  /** Starts a batch; lines may be written to `sending`, and answers come from `next`. */
  const open = async (of = api) => {
    const { target, options } = await head(of);
    const sending: ClientRequest = request(target, options);
    const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
    answered.catch(() => {});
    sending.on('error', () => {});
    let answers: AsyncIterator<string> | undefined;
    return {
      sending,
      response: async () => (await answered)[0],
      async next(): Promise<AnswerLine | null> {
        answers ??= createInterface((await answered)[0])[Symbol.asyncIterator]();
        const { done, value } = await answers.next();
        return done ? null : JSON.parse(value);
      },
    };
  };

  /** Sends a whole batch and reads every answer. */
  const send = async (body: string | Buffer, of = api): Promise<AnswerLine[]> => {
    const { target, options } = await head(of);
    const response = await fetch(target, { ...options, body: new Uint8Array(Buffer.from(body)) });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    return (await response.text())
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  };

  const line = (notice: unknown = aNotice()) => `${JSON.stringify(notice)}\n`;
  const count = async (db: Database = test.db) =>
    Number((await db.query<{ count: string }>('SELECT count(*) FROM notices'))[0]?.count);

  it('answers every line in order, each on its own', async () => {
    const again = aNotice();
    const answers = await send(
      [
        line(again),
        line(again),
        line({ ...again, subject: 'دیگر' }),
        'not json\n',
        line({ ...aNotice(), x: 1 }),
        line(aNotice({ recipient: { nationalId: '1111111111' } })),
        line(),
      ].join(''),
    );
    expect(answers).toMatchObject([
      {
        line: 1,
        status: 202,
        duplicate: false,
        trackingNumber: expect.any(String),
        acceptedAt: expect.any(String),
      },
      { line: 2, status: 200, duplicate: true },
      { line: 3, status: 409, code: 'reference_conflict' },
      { line: 4, status: 400, code: 'invalid_request', errors: [{ message: 'is not JSON' }] },
      { line: 5, status: 400, code: 'invalid_request', errors: [{ path: 'x' }] },
      { line: 6, status: 422, code: 'invalid_national_id' },
      { line: 7, status: 202 },
    ]);
    expect(answers[1]?.id).toBe(answers[0]?.id);
  });

  it('accepts a byte order mark, CRLF, blank lines, which are counted, and a last line without a line break', async () => {
    const crlf = line().replace('\n', '\r\n');
    const answers = await send(`\uFEFF${crlf}\r\n \n${crlf.trimEnd().replace('HR-', 'LAST-')}`);
    expect(answers).toMatchObject([
      { line: 1, status: 202 },
      { line: 4, status: 202 },
    ]);
  });

  it('refuses broken UTF-8 and a line that is far too long, and accepts the lines beside them', async () => {
    const broken = Buffer.concat([
      Buffer.from('{"subject":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"}\n'),
    ]);
    const long = Buffer.alloc(40 * 1024 * 1024, 'x');
    const body = Buffer.concat([Buffer.from(line()), broken, long, Buffer.from('\n'), Buffer.from(line())]);
    const answers = await send(body);
    expect(answers).toMatchObject([
      { line: 1, status: 202 },
      { line: 2, status: 400, code: 'invalid_request', errors: [{ message: 'is not UTF-8' }] },
      { line: 3, status: 413, code: 'too_large' },
      { line: 4, status: 202 },
    ]);
  });

  it('answers a slow sender line by line, before it has sent more', async () => {
    const { sending, next } = await open();
    for (const number of [1, 2, 3]) {
      sending.write(line());
      expect(await next()).toMatchObject({ line: number, status: 202 });
    }
    sending.end();
    expect(await next()).toBeNull();
  });

  it('accepts thousands of lines in few transactions', async () => {
    let groups = 0;
    const acceptance = await acceptDependencies(test.db);
    const counting = await start({ acceptance: { ...acceptance, kick: () => (groups += 1) } });
    const answers = await send(Array.from({ length: 3_000 }, () => line()).join(''), counting);
    expect(answers.every(({ status }, i) => status === 202 && answers[i]?.line === i + 1)).toBe(true);
    expect(answers).toHaveLength(3_000);
    expect(groups).toBeLessThan(30);
  });

  it('stops reading from a sender that does not read', async () => {
    const { sending, response } = await open();
    const paused = await (async () => {
      const bulk = Array.from({ length: 200 }, () => line({ a: 'x'.repeat(2_000) })).join('');
      const answer = response();
      while (sending.write(bulk) || (await drained(sending))) await new Promise(setImmediate);
      return answer;
    })();
    const before = sending.writableLength;
    expect(before).toBeGreaterThan(0);
    paused.resume();
    await once(sending, 'drain');
    sending.destroy();
  });

  it('keeps the committed groups, and no later line, when the sender goes away', async () => {
    const before = await count();
    const { sending, next } = await open();
    sending.write(line());
    expect(await next()).toMatchObject({ line: 1, status: 202 });
    sending.write(line().trimEnd());
    sending.destroy();
    await until(() => api.logged.some(({ msg }) => msg === 'the client of a batch went away'));
    expect(await count()).toBe(before + 1);
  });

  it('tries again while PostgreSQL is away for a moment', async () => {
    let failures = 2;
    const answers = await send(line(), await start({ acceptance: await flaky(() => failures-- > 0) }));
    expect(answers).toMatchObject([{ line: 1, status: 202 }]);
  });

  it('ends with 503 for the remaining lines when PostgreSQL stays away', async () => {
    let isAway = false;
    const away = await start({ acceptance: await flaky(() => isAway), batchRetryMs: 300 });
    const { sending, next } = await open(away);
    sending.write(line());
    expect(await next()).toMatchObject({ line: 1, status: 202 });
    isAway = true;
    sending.write(line() + line());
    expect(await next()).toMatchObject({ line: 2, status: 503, code: 'unavailable' });
    expect(await next()).toMatchObject({ line: 3, status: 503, code: 'unavailable' });
    expect(await next()).toBeNull();
    sending.destroy();
  });

  it('ends a running batch after a complete group when the server is stopped', async () => {
    const stopping = await startTestApi(test.db);
    const { sending, next } = await open(stopping);
    sending.write(line());
    expect(await next()).toMatchObject({ line: 1, status: 202 });
    const closed = stopping.close();
    expect(await next()).toBeNull();
    sending.destroy();
    await closed;
  });

  it('accepts nothing but NDJSON', async () => {
    for (const contentType of ['application/json', 'text/plain']) {
      const { target, options } = await head(api, contentType);
      const response = await fetch(target, { ...options, body: line() });
      expect(response.status).toBe(415);
      expect(await response.json()).toMatchObject({ code: 'unsupported_media_type' });
    }
    const { target } = await head(api);
    expect((await fetch(target, { method: 'POST', headers: bearer(apiKey) })).status).toBe(415);
  });

  it('gives no answers to an empty batch', async () => {
    expect(await send('')).toEqual([]);
  });

  /** The dependencies of accepting, on a database that is away whenever `isAway` returns true. */
  async function flaky(isAway: () => boolean) {
    const acceptance = await acceptDependencies(test.db);
    const db: Database = {
      ...test.db,
      query: (sql, values) =>
        isAway() ? Promise.reject(new Unavailable('postgres')) : test.db.query(sql, values),
    };
    return { ...acceptance, db };
  }
});

/** Checks whether the request takes more within half a second; if not, the other side has stopped reading. */
async function drained(sending: ClientRequest): Promise<boolean> {
  const signal = AbortSignal.timeout(500);
  return once(sending, 'drain', { signal }).then(
    () => true,
    () => false,
  );
}
