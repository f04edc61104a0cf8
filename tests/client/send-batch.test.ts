import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  AblaghRefused,
  AblaghUnreachable,
  type BatchAnswer,
  createHttpClient,
  type Notice,
} from '../../client';
import { aNotice } from '../support/fixtures';
import { until } from '../support/until';
import { answering, breaking, type FakeApi, linesOf, silent, startFakeApi } from './fake-api';

const referenceOf = (line: string) => (JSON.parse(line) as Notice).reference;

/** Answers each line as it arrives, with its reference as the id; stops after `limit` lines. */
const echo =
  (limit = Infinity, end: (response: ServerResponse) => void = (response) => response.destroy()) =>
  async (request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    let line = 0;
    for await (const text of linesOf(request)) {
      line += 1;
      if (line > limit) return end(response);
      const answer = `${JSON.stringify({ line, status: 202, id: referenceOf(text) })}\n`;
      if (!response.write(answer)) await once(response, 'drain');
    }
    return response.end();
  };

function* notices(count: number, onDraw = (_drawn: number): void => {}): Generator<Notice> {
  for (let n = 1; n <= count; n++) {
    onDraw(n);
    yield aNotice({ reference: `R-${n}` });
  }
}
const idsOf = (answers: BatchAnswer[]) => answers.map((answer) => 'id' in answer && answer.id);
const references = (count: number) => Array.from({ length: count }, (_, i) => `R-${i + 1}`);

describe('sending a batch', () => {
  const opened: FakeApi[] = [];
  const start = async (...handlers: Parameters<typeof startFakeApi>) => {
    const api = await startFakeApi(...handlers);
    opened.push(api);
    const options = { url: api.url, apiKey: 'abl_1.secret', retries: 3 };
    // Used only where nothing should move: on a busy machine an answer may take longer than half a second.
    const impatient = createHttpClient({ ...options, timeout: 500 });
    return { api, client: createHttpClient(options), impatient };
  };
  afterEach(async () => {
    for (const api of opened.splice(0)) await api.close();
  });
  const all = async <T>(values: AsyncIterable<T>): Promise<T[]> => {
    const seen: T[] = [];
    for await (const value of values) seen.push(value);
    return seen;
  };

  it('gives the answers in the order of the notices', async () => {
    const { api, client } = await start(echo());
    const answers = await all(client.sendBatch(notices(2_000)));
    expect(idsOf(answers)).toEqual(references(2_000));
    expect(answers.map(({ line }) => line)).toEqual(Array.from({ length: 2_000 }, (_, i) => i + 1));
    expect(api.requests).toHaveLength(1);
    expect(api.requests[0]?.headers['content-type']).toBe('application/x-ndjson');
  });

  it('makes no request for no notices', async () => {
    const { api, client } = await start(echo());
    expect(await all(client.sendBatch([]))).toEqual([]);
    expect(api.requests).toHaveLength(0);
  });

  it('gives an answer before the next notice is drawn', async () => {
    const { client } = await start(echo());
    const answered: BatchAnswer[] = [];
    async function* oneByOne() {
      for (const notice of notices(3)) {
        const before = answered.length;
        yield notice;
        await until(() => answered.length > before);
      }
    }
    for await (const answer of client.sendBatch(oneByOne())) answered.push(answer);
    expect(idsOf(answered)).toEqual(references(3));
  });

  it('draws no more notices than are taken', async () => {
    let drawn = 0;
    let taken: IncomingMessage | undefined;
    const { impatient } = await start((request) => {
      taken = request;
    });
    const endless = notices(Infinity, (n) => {
      drawn = n;
    });
    const batch = impatient.sendBatch(endless)[Symbol.asyncIterator]();
    const first = batch.next().catch((error: unknown) => error);
    await until(() => taken);
    expect(await first).toBeInstanceOf(AblaghUnreachable);
    expect(drawn).toBeLessThanOrEqual(5_000);
  });

  it('pauses while the answers are not read, however long', async () => {
    let drawn = 0;
    const { impatient } = await start(echo());
    const batch = impatient.sendBatch(
      notices(30_000, (n) => {
        drawn = n;
      }),
    );
    let before = 0;
    let answered = 0;
    for await (const _ of batch) {
      answered += 1;
      if (answered !== 10) continue;
      // Waits longer than the timeout, until no notice has been drawn for a while.
      const started = performance.now();
      await until(() => {
        const still = drawn === before && performance.now() - started > 700;
        before = drawn;
        return still;
      });
      expect(drawn).toBeLessThan(5_100);
    }
    expect(answered).toBe(30_000);
  });

  it('sends unanswered notices again after a broken connection, drawing each notice once', async () => {
    const drawn: number[] = [];
    const { api, client } = await start(echo(700), breaking, echo(900), echo());
    const answers = await all(client.sendBatch(notices(3_000, (n) => drawn.push(n))));
    expect(idsOf(answers)).toEqual(references(3_000));
    expect(drawn).toHaveLength(3_000);
    expect(api.requests).toHaveLength(4);
  });

  it('continues after the API was stopped in the middle, or was too busy', async () => {
    const { client } = await start(
      echo(10, (response) => response.end()),
      answering(429),
      echo(10, (response) =>
        response.end(`${JSON.stringify({ line: 11, status: 503, code: 'unavailable' })}\n`),
      ),
      echo(),
    );
    expect(idsOf(await all(client.sendBatch(notices(100))))).toEqual(references(100));
  });

  it('sends through a proxy that buffers until the request ends', async () => {
    const { api } = await start(async (request, response) => {
      const lines: string[] = [];
      for await (const line of linesOf(request)) lines.push(line);
      const answers = lines.map((line, i) =>
        JSON.stringify({ line: i + 1, status: 202, id: referenceOf(line) }),
      );
      response.writeHead(200).end(`${answers.join('\n')}\n`);
    });
    const patient = createHttpClient({ url: api.url, apiKey: 'abl_1.secret' });
    expect(idsOf(await all(patient.sendBatch(notices(6_000))))).toEqual(references(6_000));
    expect(api.requests).toHaveLength(2);
  });

  it('gives the refusal of one line and continues', async () => {
    const { client } = await start(async (request, response) => {
      request.resume();
      await once(request, 'end');
      response.end(
        '{"line":1,"status":422,"code":"unknown_employer","detail":"Nobody."}\n{"line":2,"status":202}\n',
      );
    });
    expect(await all(client.sendBatch(notices(2)))).toEqual([
      { line: 1, status: 422, code: 'unknown_employer', detail: 'Nobody.' },
      { line: 2, status: 202 },
    ]);
  });

  it('throws when the whole batch is refused, before all of it is sent', async () => {
    const { client } = await start((request, response) => {
      request.resume();
      response.writeHead(401).end('{"code":"unauthorized","detail":"Who are you?"}');
    });
    const error = await all(client.sendBatch(notices(Infinity))).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AblaghRefused);
    expect(error).toMatchObject({ status: 401, code: 'unauthorized' });
  });

  it('gives up when nothing moves, and the retries are used up', async () => {
    const { api, impatient } = await start(silent);
    const error = await all(impatient.sendBatch(notices(3))).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AblaghUnreachable);
    expect((error as Error).message).toContain('ETIMEDOUT');
    expect(api.requests).toHaveLength(4);
  });

  it('gives the answers of the notices sent before their iterator failed', async () => {
    const { client } = await start(echo());
    async function* failing() {
      yield* notices(3);
      throw new Error('the table is gone');
    }
    const answers: BatchAnswer[] = [];
    await expect(
      (async () => {
        for await (const answer of client.sendBatch(failing())) answers.push(answer);
      })(),
    ).rejects.toThrow('the table is gone');
    expect(idsOf(answers)).toEqual(references(3));
  });

  it('ends the request and the iterator of notices when the iteration of answers ends', async () => {
    const { api, client } = await start(echo());
    let ended = false;
    function* endless() {
      try {
        yield* notices(Infinity);
      } finally {
        ended = true;
      }
    }
    for await (const _ of client.sendBatch(endless())) break;
    expect(ended).toBe(true);
    await until(async () => (await api.connections()) === 0);
  });
});
