import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createKavenegarSimulator,
  type KavenegarSimulator,
  type KavenegarSimulatorOptions,
} from '../../../embedded/simulators/kavenegar-simulator';
import { MAGIC_RECEIVERS } from '../../../embedded/simulators/magic-receivers';
import { until } from '../../support/until';

interface Answer {
  httpStatus: number;
  return: { status: number; message: string };
  entries: Record<string, unknown>[];
}

const MOBILE = '09121234567';
const HOUR = 3_600_000;

let clock: number;
let simulator: KavenegarSimulator;
let url: string;

async function start(options: KavenegarSimulatorOptions = {}) {
  simulator = createKavenegarSimulator({ now: () => clock, ...options });
  url = await simulator.listen();
}

beforeEach(async () => {
  clock = Date.UTC(2026, 0, 1);
  await start();
});

afterEach(() => simulator.close());

async function call(method: string, params: Record<string, string> = {}, key = 'simulator'): Promise<Answer> {
  const response = await fetch(`${url}/v1/${key}/${method}.json`, {
    method: 'POST',
    body: new URLSearchParams(params),
  });
  return { httpStatus: response.status, ...((await response.json()) as Omit<Answer, 'httpStatus'>) };
}

const sendArray = (messages: { to: string; text?: string; localId: number | string }[]) =>
  call('sms/sendarray', {
    receptor: JSON.stringify(messages.map(({ to }) => to)),
    sender: JSON.stringify(messages.map(() => '10004346')),
    message: JSON.stringify(messages.map(({ text = 'سلام' }) => text)),
    localmessageids: JSON.stringify(messages.map(({ localId }) => localId)),
  });

const send = (to: string, localId = '1', message = 'سلام') =>
  call('sms/send', { receptor: to, message, sender: '10004346', localid: localId });

const refused = (status: number) => ({ httpStatus: status, return: { status }, entries: null });

describe('sending', () => {
  test('sendarray answers one entry per message, in order, and takes the cost from the credit', async () => {
    simulator.setCredit(100_000);
    const answer = await sendArray([
      { to: MOBILE, text: 'یک', localId: 1 },
      { to: '+989351112233', text: 'ا'.repeat(71), localId: 2 },
    ]);
    expect(answer).toMatchObject({ httpStatus: 200, return: { status: 200 } });
    expect(answer.entries).toEqual([
      {
        messageid: expect.any(Number),
        message: 'یک',
        status: 1,
        statustext: 'در صف ارسال',
        sender: '10004346',
        receptor: MOBILE,
        date: clock / 1000,
        cost: 1_500,
      },
      expect.objectContaining({ receptor: '09351112233', cost: 3_000 }),
    ]);
    expect(simulator.credit()).toBe(95_500);
    expect(simulator.messages()).toMatchObject([
      { localId: '1', text: 'یک', parts: 1, sender: '10004346', at: new Date(clock) },
      { localId: '2', receptor: '09351112233', parts: 2 },
    ]);
  });

  test('send takes several receptors in commas, each with its own localid', async () => {
    const { entries } = await call('sms/send', {
      receptor: `${MOBILE},09351112233`,
      message: 'م',
      localid: '7,8',
    });
    expect(entries).toHaveLength(2);
    expect(simulator.messages().map(({ localId }) => localId)).toEqual(['7', '8']);
  });

  test('a repeated localid sends nothing and gives the old record back', async () => {
    const first = await send(MOBILE);
    const again = await sendArray([{ to: '09351112233', text: 'other', localId: 1 }]);
    expect(again.entries).toEqual(first.entries);
    expect(simulator.count()).toBe(1);
    expect(simulator.sendAttempts(1)).toBe(2);
  });

  test('a localid is forgotten after 12 hours', async () => {
    await send(MOBILE);
    clock += 12 * HOUR;
    await send(MOBILE);
    expect(simulator.count()).toBe(2);
  });

  test('a localid is forgotten when a test asks for it', async () => {
    await send(MOBILE);
    simulator.expireLocalIds(1);
    await send(MOBILE);
    expect(simulator.count()).toBe(2);
    expect(simulator.sendAttempts(1)).toBe(2);
  });

  test('GET works as POST does', async () => {
    const response = await fetch(
      `${url}/v1/simulator/sms/send.json?receptor=${MOBILE}&message=%D8%B3+b&localid=5`,
    );
    expect(response.status).toBe(200);
    expect(simulator.messages()[0]).toMatchObject({ text: 'س b', localId: '5' });
  });

  test('lookup shows the template and its tokens', async () => {
    await call('verify/lookup', { receptor: MOBILE, template: 'login', token: '123456', token10: 'دو کلمه' });
    expect(simulator.messages()[0]).toMatchObject({ text: 'login: 123456 دو کلمه', localId: null });
    const spaced = await call('verify/lookup', { receptor: MOBILE, template: 'login', token: '12 34' });
    expect(spaced).toMatchObject(refused(431));
  });
});

describe('refusals', () => {
  test('one bad receptor refuses the whole call with 411', async () => {
    for (const bad of ['', '0212345678', 'x']) {
      expect(
        await sendArray([
          { to: MOBILE, localId: 1 },
          { to: bad, localId: 2 },
        ]),
      ).toMatchObject(refused(411));
    }
    expect(simulator.count()).toBe(0);
  });

  test('a text over 900 characters is refused with 413', async () => {
    expect(await send(MOBILE, '1', 'ا'.repeat(901))).toMatchObject(refused(413));
    expect((await send(MOBILE, '1', 'ا'.repeat(900))).httpStatus).toBe(200);
  });

  test('more than 200 messages are refused with 414', async () => {
    const many = Array.from({ length: 201 }, (_, index) => ({ to: MOBILE, localId: index }));
    expect(await sendArray(many)).toMatchObject(refused(414));
    expect((await sendArray(many.slice(1))).entries).toHaveLength(200);
  });

  test('lists of different lengths are refused with 419, and what is no list with 400', async () => {
    const lists = { receptor: `["${MOBILE}"]`, sender: '["1"]', message: '["a","b"]' };
    expect(await call('sms/sendarray', lists)).toMatchObject(refused(419));
    expect(await call('sms/sendarray', { ...lists, message: 'a' })).toMatchObject(refused(400));
  });

  test('a wrong key is refused with 403, an unknown method with 404, no credit with 418', async () => {
    expect(await call('account/info', {}, 'wrong')).toMatchObject(refused(403));
    expect(await call('sms/nothing')).toMatchObject(refused(404));
    simulator.setCredit(0);
    expect(await send(MOBILE)).toMatchObject(refused(418));
  });
});

describe('status', () => {
  test('goes from queued to the carrier to delivered with the age of the message', async () => {
    const { entries } = await send(MOBILE);
    const messageid = String(entries[0]?.messageid);
    const status = async () => (await call('sms/status', { messageid })).entries[0]?.status;
    expect(await status()).toBe(1);
    clock += 1_000;
    expect(await status()).toBe(4);
    clock += 2_000;
    expect(await status()).toBe(10);
    clock += 48 * HOUR;
    expect(await status()).toBe(100);
  });

  test('an unknown message has status 100, and an unknown localid the message 0 as well', async () => {
    const { entries: sent } = await send(MOBILE);
    const messageid = sent[0]?.messageid as number;
    const known = { messageid, status: 1, statustext: 'در صف ارسال' };
    const unknown = { status: 100, statustext: 'شناسه پیامک نامعتبر است' };
    const byMessage = await call('sms/status', { messageid: `${messageid},42` });
    expect(byMessage.entries).toEqual([known, { messageid: 42, ...unknown }]);
    const byLocal = await call('sms/statuslocalmessageid', { localid: '1,42' });
    expect(byLocal.entries).toEqual([
      { ...known, localid: '1' },
      { messageid: 0, localid: '42', ...unknown },
    ]);
  });

  test('a delivery is reported once to the callback address', async () => {
    const bodies: string[] = [];
    const receiver = createServer((request, response) => {
      request.on('data', (chunk) => bodies.push(String(chunk)));
      request.on('end', () => response.end());
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    await simulator.close();
    const callbackUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/cb`;
    await start({ now: Date.now, callbackUrl, deliveredAfterMs: 1 });
    const ok = await send(MOBILE);
    const failing = await send('09990000011', '2');
    await until(() => bodies.length === 2);
    expect(bodies).toEqual([
      `messageid=${ok.entries[0]?.messageid}&status=10`,
      `messageid=${failing.entries[0]?.messageid}&status=11`,
    ]);
    receiver.closeAllConnections();
    receiver.close();
  });
});

describe('magic receivers', () => {
  test('are mobile numbers, each once', () => {
    const numbers = MAGIC_RECEIVERS.map(({ mobile }) => mobile);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const number of numbers) expect(number).toMatch(/^09\d{9}$/);
  });

  test.each([
    ['09990000411', 411],
    ['09990000418', 418],
  ])('%s refuses the call it is in with %d', async (magic, status) => {
    expect(
      await sendArray([
        { to: MOBILE, localId: 1 },
        { to: magic, localId: 2 },
      ]),
    ).toMatchObject(refused(status));
    expect(simulator.count()).toBe(0);
  });

  test('402 is answered twice for a message, then it works', async () => {
    const answers = [];
    for (let attempt = 0; attempt < 4; attempt++) answers.push((await send('09990000402')).httpStatus);
    expect(answers).toEqual([402, 402, 200, 200]);
    expect(simulator.count()).toBe(1);
  });

  test('the silent one accepts the message and holds the connection open', async () => {
    const answer = send('09990000002').then(
      () => 'answered',
      () => 'broken',
    );
    await until(() => simulator.count() === 1);
    await simulator.close();
    expect(await answer).toBe('broken');
  });

  test('the slow one accepts the message before it answers', async () => {
    const answer = send('09990000001').catch(() => 'broken');
    await until(() => simulator.count() === 1);
    await simulator.close();
    expect(await answer).toBe('broken');
  });

  test('the one that cuts off accepts the message and breaks the answer in two', async () => {
    const response = await fetch(`${url}/v1/simulator/sms/send.json?receptor=09990000003&message=a`);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    expect(simulator.count()).toBe(1);
  });

  test('the one that drops the connection accepts nothing', async () => {
    await expect(send('09990000004')).rejects.toThrow();
    expect(simulator.count()).toBe(0);
    expect(simulator.sendAttempts(1)).toBe(1);
  });

  test('the proxy that answers with a page accepts nothing', async () => {
    const response = await fetch(`${url}/v1/simulator/sms/send.json?receptor=09990000005&message=a`);
    expect([response.status, response.headers.get('content-type')]).toEqual([502, 'text/html']);
    expect(simulator.count()).toBe(0);
  });

  test('a template reaches a receiver who blocks the line, and costs what others cost', async () => {
    const before = simulator.credit();
    const lookup = { receptor: '09990000014', template: 'notice', token: '123456789012' };
    const { entries } = await call('verify/lookup', lookup);
    const [entry] = entries as [{ status: number; cost: number }];
    expect(entry.status).toBe(1);
    expect(simulator.credit()).toBe(before - entry.cost);
    expect(simulator.messages().map(({ status }) => status)).not.toContain(14);
  });

  test('a blocked message has its status at once and costs nothing', async () => {
    const before = simulator.credit();
    const { entries } = await send('09990000014');
    expect(entries[0]).toMatchObject({ status: 14, cost: 1_500 });
    expect(simulator.credit()).toBe(before);
  });

  test.each([
    ['09990000011', [1, 4, 11, 11]],
    ['09990000010', [1, 4, 4, 10]],
    ['09990000100', [100, 100, 100, 100]],
    [MOBILE, [1, 4, 10, 10]],
  ])('%s goes through its statuses', async (mobile, statuses) => {
    await send(mobile);
    const seen = [0, 1_000, 3_000, 60_000].map((age) => {
      clock = Date.UTC(2026, 0, 1) + age;
      return simulator.messages()[0]?.status;
    });
    expect(seen).toEqual(statuses);
  });
});

describe('a hook', () => {
  test('decides before everything else, on every method', async () => {
    simulator.setBehaviour(({ method, messages }) =>
      method === 'sms/send' && messages[0]?.localId === '1' ? { status: 451 } : 'pass',
    );
    expect(await send(MOBILE, '1')).toMatchObject(refused(451));
    expect((await send(MOBILE, '2')).httpStatus).toBe(200);
    simulator.setBehaviour(() => 'html');
    await expect(call('account/info')).rejects.toThrow();
    simulator.setBehaviour();
    expect((await call('account/info')).entries).toMatchObject({ remaincredit: simulator.credit() });
    expect(simulator.calls('sms/send')).toBe(2);
    expect(simulator.calls()).toBe(4);
  });
});

describe('memory', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ablagh-kavenegar-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function restart(options: KavenegarSimulatorOptions = {}) {
    await simulator.close();
    await start({ journal: join(folder, 'journal', 'sms.ndjson'), ...options });
  }

  test('statuses and localids are known again after a restart, and numbers go on', async () => {
    await restart();
    const { entries } = await send(MOBILE);
    clock += 3_000;
    await restart();
    expect(simulator.messages()).toMatchObject([{ id: entries[0]?.messageid, status: 10 }]);
    expect((await send(MOBILE)).entries[0]?.messageid).toBe(entries[0]?.messageid);
    const next = await send(MOBILE, '2');
    expect(next.entries[0]?.messageid).toBeGreaterThan(entries[0]?.messageid as number);
  });

  test('a message is on disk soon after it was accepted, without a close', async () => {
    await restart();
    await send(MOBILE);
    await until(async () => (await readFile(join(folder, 'journal', 'sms.ndjson'), 'utf8')).endsWith('}\n'));
  });

  test('what the service would not know any more is dropped from the journal at the next start', async () => {
    await restart();
    await send(MOBILE);
    clock += 48 * HOUR;
    await restart();
    expect(simulator.count()).toBe(0);
    expect(await readFile(join(folder, 'journal', 'sms.ndjson'), 'utf8')).toBe('');
  });

  test('the oldest messages are forgotten first when there are too many', async () => {
    await restart({ maxMessages: 3 });
    for (const localId of ['1', '2', '3', '4', '5', '6', '7', '8']) await send(MOBILE, localId);
    expect(simulator.messages().map(({ localId }) => localId)).toEqual(['6', '7', '8']);
    const newest = simulator.latest(2);
    expect(newest.map(({ localId }) => localId)).toEqual(['8', '7']);
    expect(simulator.latest(10, newest[1]?.id).map(({ localId }) => localId)).toEqual(['8']);
    const { entries } = await call('sms/statuslocalmessageid', { localid: '1,8' });
    expect(entries.map(({ status }) => status)).toEqual([100, 1]);
  });
});
