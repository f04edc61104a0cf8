import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { createBodyMemoryBudget } from '../../api/body-memory-budget';
import { createLineFramer } from '../../api/ndjson';
import { bearer, startTestApi, type TestApi } from '../api/test-api';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { addSource, aNotice, anAttachment, PDF, registerEmployer } from '../support/fixtures';
import { until } from '../support/until';

const KB = 1024;
const MB = 1024 * KB;
/** Memory for two large notices, but not for three. */
const ROOM = 11 * MB;

const room = createBodyMemoryBudget(ROOM);
let test: TestDatabase;
let api: TestApi;
let base: string;
let apiKey: string;
beforeAll(async () => {
  test = await createTestDatabase();
  api = await startTestApi(test.db, { bodyMemory: room });
  base = await api.listen();
  ({ apiKey } = await addSource(test.db));
  await registerEmployer(test.db);
});
afterAll(async () => {
  await api.close();
  await test.drop();
});

/** Makes a notice of about 4.4 MB as JSON, more than a batch puts into a group. */
const large = (): string =>
  JSON.stringify(aNotice({ attachments: [anAttachment(Buffer.concat([PDF, Buffer.alloc(3.3 * MB, ' ')]))] }));
const small = (): string => JSON.stringify(aNotice());

const open = (path: string, headers: Record<string, string | number>): ClientRequest => {
  const sending = request(`${base}${path}`, { method: 'POST', headers: { ...bearer(apiKey), ...headers } });
  sending.on('error', () => {});
  return sending;
};

async function answerOf(sending: ClientRequest) {
  const [answer] = (await once(sending, 'response')) as [IncomingMessage];
  let body = '';
  for await (const part of answer.setEncoding('utf8')) body += part;
  return { status: answer.statusCode, headers: answer.headers, body };
}

const JSON_TYPE = { 'content-type': 'application/json' };
const send = (body: string, path = '/v1/notices', type = JSON_TYPE['content-type']) => {
  const sending = open(path, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  sending.end(body);
  return answerOf(sending);
};

/** Begins to send two large notices, and stops in the middle. @returns a function that breaks them off */
async function stuck(): Promise<() => void> {
  const body = large();
  const both = [1, 2].map(() => open('/v1/notices', { ...JSON_TYPE, 'content-length': body.length }));
  for (const sending of both) sending.write(body.slice(0, body.length / 2));
  await untilThereIsNoRoom();
  return () => {
    for (const sending of both) sending.destroy();
  };
}

/** Whether the memory of one more large body is free. */
function hasRoom(): boolean {
  const account = room.openReservation();
  const took = account.reserve(large().length);
  account.releaseAll();
  return took;
}
const untilThereIsNoRoom = () => until(() => !hasRoom());
const untilThereIsRoom = () => until(hasRoom);

describe('a large notice', () => {
  it('is refused with 503 while memory is short, and accepted afterwards', async () => {
    const giveUp = await stuck();
    const refused = await send(large());
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    expect(JSON.parse(refused.body)).toMatchObject({ code: 'unavailable', status: 503 });
    giveUp();
    await untilThereIsRoom();
    expect((await send(large())).status).toBe(202);
  });

  it('does not keep small notices or the feed from being served', async () => {
    const giveUp = await stuck();
    expect((await send(small())).status).toBe(202);
    expect((await send(`${small()}\n${small()}`, '/v1/notices/batch', 'application/x-ndjson')).status).toBe(
      200,
    );
    expect((await fetch(`${base}/v1/events`, { headers: bearer(apiKey) })).status).toBe(200);
    giveUp();
    await untilThereIsRoom();
  });

  it('without a content length reserves memory as it arrives', async () => {
    const giveUp = await stuck();
    const sending = open('/v1/notices', JSON_TYPE);
    const body = large();
    sending.write(body.slice(0, body.length / 2));
    sending.end(body.slice(body.length / 2));
    expect((await answerOf(sending)).status).toBe(503);
    giveUp();
    await untilThereIsRoom();
  });

  it('returns its memory after every outcome', async () => {
    for (let i = 0; i < 3; i += 1) {
      expect((await send(large())).status).toBe(202);
      expect((await send(`${large()}x`)).status).toBe(400);
    }
    const tooLarge = open('/v1/notices', { ...JSON_TYPE, 'content-length': 50 * MB });
    tooLarge.write('{');
    expect((await answerOf(tooLarge)).status).toBe(413);
    tooLarge.destroy();
    expect((await send(large())).status).toBe(202);
  });
});

describe('a batch', () => {
  const batch = async (lines: string[]) => {
    const { body } = await send(lines.join('\n'), '/v1/notices/batch', 'application/x-ndjson');
    return body
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { line: number; status: number });
  };

  it('with more large lines than fit into memory at once is accepted whole', async () => {
    const answers = await batch(Array.from({ length: 6 }, large));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202, 202]);
  });

  it('ends with 503 at the line that does not fit into memory, and keeps the lines before it', async () => {
    const giveUp = await stuck();
    const answers = await batch([small(), large(), small()]);
    expect(answers).toMatchObject([
      { line: 1, status: 202 },
      { line: 2, status: 503 },
    ]);
    expect(answers).toHaveLength(2);
    giveUp();
    await untilThereIsRoom();
  });

  it('that breaks off in the middle of large lines returns its memory', async () => {
    const sending = open('/v1/notices/batch', { 'content-type': 'application/x-ndjson' });
    sending.write(large() + large());
    await untilThereIsNoRoom();
    sending.destroy();
    await untilThereIsRoom();
  });

  it('holds no memory for blank or too long lines', async () => {
    const account = room.openReservation();
    const framer = createLineFramer(100 * KB, account);
    for (let i = 0; i < 100; i += 1) framer.push(Buffer.from(`${' '.repeat(90 * KB)}\r\n`));
    for (let i = 0; i < 100; i += 1) framer.push(Buffer.from(`${'x'.repeat(110 * KB)}\n`));
    expect(account.reserve(ROOM)).toBe(true);
    account.releaseAll();
  });
});
