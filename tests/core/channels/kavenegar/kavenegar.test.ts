import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { createKavenegar, type KavenegarSettings } from '../../../../core/channels/kavenegar/kavenegar';
import { ChannelClosed, NotSent, OutcomeUnknown } from '../../../../core/channels/outcomes';
import type { SmsMessage } from '../../../../core/channels/sms-channel';
import {
  createKavenegarSimulator,
  type KavenegarSimulator,
} from '../../../../embedded/simulators/kavenegar-simulator';
import { type Answer, answerJson, type FakeKavenegar, startFakeKavenegar } from './fake-kavenegar';

const API_KEY = '4B5C-the-key-of-the-account';
const REJECTED = [400, 404, 405, 406, 411, 413, 414, 415, 417, 419, 420, 422, 428, 431, 604, 607];
const CLOSED = [401, 403, 407, 412, 416, 424, 426, 427, 429, 432, 501];
const TRY_LATER = [402, 409, 451];
const UNDOCUMENTED = [201, 299, 408, 410, 421, 423, 425, 430, 433, 500, 502, 503, 605, 999];

const SILENT = '+989990000002';
const CUT_OFF = '+989990000003';
const DROPPED = '+989990000004';
const HTML = '+989990000005';

let simulator: KavenegarSimulator;
let baseUrl: string;
const opened: { close(): unknown }[] = [];

beforeEach(async () => {
  simulator = createKavenegarSimulator({ apiKey: API_KEY });
  baseUrl = await simulator.listen();
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  await simulator.close();
});

function channel(settings: Partial<KavenegarSettings> = {}) {
  const kavenegar = createKavenegar({ apiKey: API_KEY, sender: '10004346', baseUrl, ...settings });
  opened.push(kavenegar);
  return kavenegar;
}

async function fake(answer: Answer): Promise<FakeKavenegar> {
  const server = await startFakeKavenegar(answer);
  opened.push(server);
  return server;
}

const aMessage = (n: number, mobile = `+98912${String(n).padStart(7, '0')}`): SmsMessage => ({
  localId: String(n),
  mobile,
  text: 'سلام',
});
const messages = (count: number) => Array.from({ length: count }, (_, i) => aMessage(i + 1));
const accepted = expect.objectContaining({ outcome: 'accepted' });
const sentLocalIds = () => simulator.messages().map(({ localId }) => localId);

describe('an accepted set', () => {
  it('gives the id, the segments and the cost of each message, in order', async () => {
    const long = { ...aMessage(2), text: 'ا'.repeat(71) };
    const outcomes = await channel().send([aMessage(1), long]);
    const [first, second] = simulator.messages();
    expect(outcomes).toEqual([
      { outcome: 'accepted', providerMessageId: String(first?.id), code: '1', parts: 1, cost: 1_500 },
      { outcome: 'accepted', providerMessageId: String(second?.id), code: '1', parts: 2, cost: 3_000 },
    ]);
    expect(simulator.messages()).toMatchObject([
      { localId: '1', receptor: '09120000001', sender: '10004346', text: 'سلام' },
      { localId: '2', parts: 2 },
    ]);
  });

  it('goes out in one call, 200 messages as well', async () => {
    expect(await channel().send(messages(200))).toEqual(Array(200).fill(accepted));
    expect(simulator.calls()).toBe(1);
  });

  it('gives the same messages when it comes again under the same local ids', async () => {
    const kavenegar = channel();
    const first = await kavenegar.send(messages(2));
    expect(await kavenegar.send(messages(2))).toEqual(first);
    expect(simulator.count()).toBe(2);
  });

  it('has no cost where the answer holds none', async () => {
    const { url } = await fake(answerJson([{ messageid: 7, receptor: '09120000001' }]));
    const outcomes = await channel({ baseUrl: url }).send([aMessage(1)]);
    expect(outcomes).toMatchObject([{ outcome: 'accepted', providerMessageId: '7', cost: null }]);
  });
});

describe('a return code', () => {
  it.each(REJECTED)('%d refuses one message for good, and says why', async (status) => {
    simulator.setBehaviour(() => ({ status }));
    expect(await channel().send([aMessage(1)])).toEqual([
      { outcome: 'rejected', code: String(status), detail: expect.not.stringContaining('not documented') },
    ]);
    expect(simulator.calls()).toBe(1);
  });

  it.each(REJECTED)(
    '%d against a set falls on its bad message only, the others are sent once',
    async (status) => {
      simulator.setBehaviour(({ messages }) =>
        messages.some(({ localId }) => localId === '4') ? { status } : 'pass',
      );
      const outcomes = await channel().send(messages(7));
      expect(outcomes).toEqual(
        messages(7).map(({ localId }) =>
          localId === '4' ? expect.objectContaining({ outcome: 'rejected', code: String(status) }) : accepted,
        ),
      );
      expect(sentLocalIds()).toEqual(['1', '2', '3', '5', '6', '7']);
    },
  );

  it.each(CLOSED)('%d closes the channel until a person opens it', async (status) => {
    simulator.setBehaviour(() => ({ status }));
    const error = await channel()
      .send(messages(3))
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ChannelClosed);
    expect(error).toMatchObject({
      providerCode: String(status),
      reopensByItself: false,
      code: 'channel_closed',
    });
    expect(error).toMatchObject({ reason: expect.not.stringContaining('not documented') });
    expect(simulator.calls()).toBe(1);
  });

  it('418 pauses the channel while there is no credit', async () => {
    simulator.setCredit(0);
    await expect(channel().send(messages(2))).rejects.toMatchObject({
      providerCode: '418',
      reopensByItself: true,
    });
  });

  it.each(TRY_LATER)('%d puts the whole set off', async (status) => {
    simulator.setBehaviour(() => ({ status }));
    const outcome = { outcome: 'try_later', code: String(status), detail: expect.any(String) };
    expect(await channel().send(messages(2))).toEqual([outcome, outcome]);
    expect(simulator.calls()).toBe(1);
  });

  it.each(UNDOCUMENTED)('%d, which is not documented, leaves everything open', async (status) => {
    const { url, calls } = await fake(answerJson(null, status));
    const outcome = { outcome: 'unknown', code: String(status), detail: `code ${status} is not documented` };
    expect(await channel({ baseUrl: url }).send(messages(2))).toEqual([outcome, outcome]);
    expect(calls).toHaveLength(1);
  });
});

describe('a set that is cut in halves', () => {
  it('keeps the outcomes of its first half when the second finds the channel closed', async () => {
    simulator.setBehaviour(({ messages }) => {
      if (messages.length === 4) return { status: 411 };
      return messages.some(({ localId }) => localId === '3') ? { status: 403 } : 'pass';
    });
    const closed = { outcome: 'not_sent', code: '403', detail: 'the API key is not valid' };
    expect(await channel().send(messages(4))).toEqual([accepted, accepted, closed, closed]);
    expect(sentLocalIds()).toEqual(['1', '2']);
  });

  it('closes the channel when its first half finds it closed, because nothing was sent', async () => {
    simulator.setBehaviour(({ messages }) => ({ status: messages.length === 4 ? 411 : 401 }));
    await expect(channel().send(messages(4))).rejects.toBeInstanceOf(ChannelClosed);
    expect(simulator.count()).toBe(0);
  });

  it('leaves only the unanswered half unknown', async () => {
    simulator.setBehaviour(({ messages }) => {
      if (messages.length === 4) return { status: 413 };
      return messages.some(({ localId }) => localId === '1') ? 'cut' : 'pass';
    });
    const unknown = expect.objectContaining({ outcome: 'unknown' });
    expect(await channel().send(messages(4))).toEqual([unknown, unknown, accepted, accepted]);
  });

  it('stops when its time is over, and gives the rest as not sent', async () => {
    const { url, calls } = await fake((response, call) => {
      setTimeout(() => answerJson(null, 411)(response, call), 60);
    });
    const outcomes = await channel({ baseUrl: url, sendTimeoutMs: 50 }).send(messages(4));
    expect(outcomes).toEqual(
      Array(4).fill(expect.objectContaining({ outcome: 'not_sent', code: 'deadline' })),
    );
    expect(calls).toHaveLength(1);
  });
});

describe('no readable answer', () => {
  it.each([
    ['a server that stays silent', SILENT, 'deadline', 1],
    ['a body that is cut off', CUT_OFF, 'aborted', 1],
    ['a connection that breaks before the answer', DROPPED, 'ECONNRESET', 0],
    ['a page of a proxy with 502', HTML, 'unreadable_answer', 0],
  ])('is unknown: %s', async (_, mobile, code, taken) => {
    const outcomes = await channel({ callTimeoutMs: 250 }).send([aMessage(1, mobile), aMessage(2)]);
    const outcome = { outcome: 'unknown', code, detail: 'no readable answer came back' };
    expect(outcomes).toEqual([outcome, outcome]);
    expect(simulator.count()).toBe(taken * 2);
  });

  it.each([
    ['JSON without a status', '{"return":{},"entries":[]}'],
    ['JSON that is no object', 'null'],
    ['a status that is text', '{"return":{"status":"200"},"entries":[]}'],
    ['nothing', ''],
  ])('is unknown: %s', async (_, body) => {
    const { url } = await fake((response) => response.end(body));
    const outcomes = await channel({ baseUrl: url }).send([aMessage(1)]);
    expect(outcomes).toMatchObject([{ outcome: 'unknown', code: 'unreadable_answer' }]);
  });

  it('is unknown when the answer is too large', async () => {
    const megabyte = Buffer.alloc(1024 * 1024, ' ');
    const { url } = await fake((response) => {
      const write = () => {
        while (!response.destroyed && response.write(megabyte));
      };
      response.on('drain', write);
      write();
    });
    const outcomes = await channel({ baseUrl: url }).send([aMessage(1)]);
    expect(outcomes).toMatchObject([{ outcome: 'unknown', code: 'answer_too_large' }]);
  });

  it('is unknown when a kept connection breaks', async () => {
    const kavenegar = channel();
    await kavenegar.send([aMessage(1)]);
    expect(await kavenegar.send([aMessage(2, DROPPED)])).toMatchObject([{ outcome: 'unknown' }]);
  });

  it('is unknown when a connection breaks that the call had to wait for', async () => {
    const waiting: (() => void)[] = [];
    const { url } = await fake((response, call) => {
      if (call.body.includes('last')) response.destroy();
      else waiting.push(() => answerJson([])(response, call));
      // As many connections as there are at most: the last call gets one of them, used.
      if (waiting.length === 32) for (const answer of waiting.splice(0)) answer();
    });
    const kavenegar = channel({ baseUrl: url });
    const others = Array.from({ length: 32 }, (_, i) => kavenegar.send([aMessage(i)]));
    const last = await kavenegar.send([{ ...aMessage(99), text: 'last' }]);
    expect(last).toMatchObject([{ outcome: 'unknown', code: 'ECONNRESET' }]);
    await Promise.all(others);
  });
});

describe('an answer that does not fit the set', () => {
  const entry = (n: number) => ({ messageid: n, receptor: aMessage(n).mobile.replace('+98', '0'), cost: 1 });
  const unknown = { outcome: 'unknown', code: 'no_entry', detail: expect.any(String) };

  it('leaves a message unknown whose entry has another receptor, or no id', async () => {
    const { url } = await fake(answerJson([entry(1), entry(9), { ...entry(3), messageid: 0 }]));
    expect(await channel({ baseUrl: url }).send(messages(3))).toEqual([accepted, unknown, unknown]);
  });

  it('leaves the whole set unknown when an entry is missing, because it could be any', async () => {
    const { url } = await fake(answerJson([entry(1), entry(1)]));
    const toOnePhone = messages(3).map((message) => ({ ...message, mobile: aMessage(1).mobile }));
    expect(await channel({ baseUrl: url }).send(toOnePhone)).toEqual([unknown, unknown, unknown]);
  });

  it.each([[null], [[]], [{}]])('leaves the set unknown when the entries are %j', async (entries) => {
    const { url } = await fake(answerJson(entries));
    expect(await channel({ baseUrl: url }).send(messages(2))).toEqual([unknown, unknown]);
  });
});

describe('no connection', () => {
  it.each([
    ['nobody listens', async () => `http://127.0.0.1:${await closedPort()}`],
    ['the name is nobody’s', async () => 'http://nowhere.invalid'],
    ['nobody vouches for the certificate', async () => (await untrusted()).url],
  ])('is not sent: %s', async (_, address) => {
    const kavenegar = channel({ baseUrl: await address(), callTimeoutMs: 3_000 });
    const outcome = { outcome: 'not_sent', code: expect.any(String), detail: expect.any(String) };
    expect(await kavenegar.send(messages(2))).toEqual([outcome, outcome]);
    await expect(kavenegar.lookUp(['1'])).rejects.toBeInstanceOf(NotSent);
  });

  async function untrusted() {
    const server = await startFakeKavenegar(answerJson([]), { tls: true });
    opened.push(server);
    return server;
  }
});

describe('a question', () => {
  it('by local ids gives the messages the provider knows, and no others', async () => {
    const kavenegar = channel();
    await kavenegar.send(messages(2));
    const [first, second] = simulator.messages();
    expect(await kavenegar.lookUp(['2', '77', '1'])).toEqual(
      new Map([
        ['1', String(first?.id)],
        ['2', String(second?.id)],
      ]),
    );
    simulator.expireLocalIds('1');
    expect([...(await kavenegar.lookUp(['1', '2'])).keys()]).toEqual(['2']);
  });

  it('by local ids is cut into calls of 500', async () => {
    const ids = Array.from({ length: 1_001 }, (_, i) => String(i));
    expect(await channel().lookUp(ids)).toEqual(new Map());
    expect(simulator.calls('sms/statuslocalmessageid')).toBe(3);
  });

  it('for the statuses of 500 messages is one call', async () => {
    const kavenegar = channel();
    for (let i = 0; i < 5; i += 1) {
      await kavenegar.send(messages(100).map((message, n) => ({ ...message, localId: String(i * 100 + n) })));
    }
    const ids = simulator.messages().map(({ id }) => String(id));
    const statuses = await kavenegar.statuses(ids);
    expect([...statuses.keys()].sort()).toEqual(ids.sort());
    expect(statuses.get(ids[0] as string)).toEqual({
      state: 'pending',
      code: '1',
      detail: 'queued at the provider',
    });
    expect(simulator.calls('sms/status')).toBe(1);
  });

  it.each([
    [1, 'pending'],
    [2, 'pending'],
    [4, 'pending'],
    [5, 'pending'],
    [6, 'failed'],
    [10, 'delivered'],
    [11, 'failed'],
    [13, 'failed'],
    [14, 'blocked'],
    [100, 'unknown'],
    [77, 'pending'],
  ])('reads status %d as %s', async (status, state) => {
    const { url } = await fake(answerJson([{ messageid: 5, status }]));
    const statuses = await channel({ baseUrl: url }).statuses(['5']);
    expect(statuses.get('5')).toMatchObject({ state, code: String(status) });
  });

  it('for the credit is answered in Rial', async () => {
    simulator.setCredit(123_456);
    expect(await channel().credit()).toBe(123_456);
  });

  it.each([
    [403, ChannelClosed],
    [418, ChannelClosed],
    [409, OutcomeUnknown],
    [414, OutcomeUnknown],
    [500, OutcomeUnknown],
  ])('that is refused with %d has no answer', async (status, kind) => {
    simulator.setBehaviour(() => ({ status }));
    const kavenegar = channel();
    const questions = [kavenegar.lookUp(['1']), kavenegar.statuses(['1']), kavenegar.credit()];
    for (const question of await Promise.allSettled(questions)) {
      expect(question).toMatchObject({ status: 'rejected', reason: expect.any(kind) });
    }
  });

  it.each([
    ['silent' as const, 'deadline'],
    ['cut' as const, 'aborted'],
    ['html' as const, 'unreadable_answer'],
    ['drop' as const, 'ECONNRESET'],
  ])('that meets a %s server has no answer', async (play, providerCode) => {
    simulator.setBehaviour(() => play);
    await expect(channel({ callTimeoutMs: 250 }).lookUp(['1'])).rejects.toMatchObject({
      code: 'outcome_unknown',
      providerCode,
    });
  });
});

describe('the API key', () => {
  it.each([
    ['a closed account', () => ({ status: 403 })],
    ['a silent server', () => 'silent' as const],
    ['a broken connection', () => 'drop' as const],
    ['a cut-off answer', () => 'cut' as const],
    ['a page', () => 'html' as const],
  ])('stands in no error of %s', async (_, play) => {
    simulator.setBehaviour(play);
    const kavenegar = channel({ callTimeoutMs: 250 });
    const told = await Promise.all([
      kavenegar.send([aMessage(1)]).catch((error: unknown) => error),
      kavenegar.lookUp(['1']).catch((error: unknown) => error),
    ]);
    expect(inspect(told, { depth: null, showHidden: true })).not.toContain(API_KEY);
  });

  it('stands in no error of a server that is away', async () => {
    const kavenegar = channel({ baseUrl: `http://127.0.0.1:${await closedPort()}` });
    const error = await kavenegar.credit().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NotSent);
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain(API_KEY);
  });

  it('and a path before it are part of the URL', async () => {
    const { url, calls } = await fake(answerJson({ remaincredit: 1 }));
    await channel({ baseUrl: `${url}/proxy/`, apiKey: 'a/b c' }).credit();
    expect(calls[0]?.path).toBe('/proxy/v1/a%2Fb%20c/account/info.json');
  });
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
