import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import {
  createSmtpSimulator,
  type SmtpSimulator,
  type SmtpSimulatorOptions,
} from '../../../embedded/simulators/smtp-simulator';
import { until } from '../../support/until';

let simulator: SmtpSimulator;
let url: string;

async function start(options: SmtpSimulatorOptions = {}) {
  simulator = createSmtpSimulator(options);
  url = await simulator.listen();
}

beforeEach(() => start());
afterEach(() => simulator.close());

const send = (to: string, options = {}) =>
  createTransport(url).sendMail({
    from: 'سامانه ابلاغ <notices@ablagh.example>',
    to,
    subject: 'اعلام سابقه',
    text: 'متن',
    html: '<p>متن</p>',
    messageId: '<attempt-1@ablagh.example>',
    headers: { 'Auto-Submitted': 'auto-generated' },
    ...options,
  });

/** The code the client saw, or `broken` when there was none. */
const outcome = (to: string): Promise<number | 'sent' | 'broken'> =>
  send(to).then(
    () => 'sent' as const,
    (error: { responseCode?: number }) => error.responseCode ?? ('broken' as const),
  );

test('a message is there, parsed, as soon as the client was told so', async () => {
  await send('ali@example.org, sara@example.org');
  expect(simulator.messages()).toMatchObject([
    {
      id: expect.any(Number),
      messageId: '<attempt-1@ablagh.example>',
      from: '"سامانه ابلاغ" <notices@ablagh.example>',
      to: ['ali@example.org', 'sara@example.org'],
      subject: 'اعلام سابقه',
      text: 'متن',
      html: '<p>متن</p>',
      headers: { 'auto-submitted': 'auto-generated' },
      at: expect.any(Date),
      raw: expect.stringContaining('Message-ID: <attempt-1@ablagh.example>'),
    },
  ]);
  expect(simulator.find(simulator.messages()[0]?.id as number)?.subject).toBe('اعلام سابقه');
});

test('any login is right', async () => {
  url = url.replace('smtp://', 'smtp://someone:secret@');
  expect(await outcome('ali@example.org')).toBe('sent');
});

test('reject@ is refused with 550', async () => {
  expect(await outcome('reject@example.org')).toBe(550);
  expect(simulator.count()).toBe(0);
});

test('greylist@ is put off twice, then accepted', async () => {
  const outcomes = [];
  for (let attempt = 0; attempt < 4; attempt++) outcomes.push(await outcome('greylist@example.org'));
  expect(outcomes).toEqual([451, 451, 'sent', 'sent']);
});

test('full@ is put off after the content, which is not kept', async () => {
  expect(await outcome('full@example.org')).toBe(452);
  expect(simulator.messages()).toEqual([]);
});

test('drop@ breaks the connection after the content, which is kept', async () => {
  expect(await outcome('drop@example.org')).toBe('broken');
  expect(simulator.messages()).toHaveLength(1);
});

test('slow@ keeps the message before it answers', async () => {
  const answer = outcome('slow@example.org');
  await until(() => simulator.count() === 1);
  await simulator.close();
  expect(await answer).toBe('broken');
});

test('a hook decides before the magic mailboxes, at either stage', async () => {
  simulator.setBehaviour(({ stage, to }) =>
    stage === 'rcpt' && to[0] === 'ali@example.org' ? { code: 450 } : 'pass',
  );
  expect(await outcome('ali@example.org')).toBe(450);
  expect(await outcome('sara@example.org')).toBe('sent');
  simulator.setBehaviour(({ stage }) => (stage === 'data' ? 'silent' : 'pass'));
  const answer = outcome('ali@example.org');
  await until(() => simulator.count() === 2);
  await simulator.close();
  expect(await answer).toBe('broken');
});

test('many messages go through one connection', async () => {
  const transport = createTransport({ url, pool: true, maxConnections: 1 } as object);
  for (let sent = 0; sent < 30; sent++) {
    await transport.sendMail({ from: 'a@b.c', to: 'ali@example.org', text: String(sent) });
  }
  transport.close();
  expect(simulator.count()).toBe(30);
});

test('a sink counts and keeps nothing', async () => {
  await simulator.close();
  await start({ storeMessages: false });
  expect(await outcome('ali@example.org')).toBe('sent');
  expect(simulator.count()).toBe(1);
  expect(simulator.messages()).toEqual([]);
});

test('messages are there again after a restart, the newest first, and numbers go on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ablagh-smtp-'));
  const journal = join(folder, 'emails.ndjson');
  await simulator.close();
  await start({ journal });
  await send('ali@example.org');
  const [before] = simulator.messages();
  await simulator.close();
  await start({ journal });
  expect(simulator.messages()).toEqual([before]);
  await send('sara@example.org');
  expect(simulator.latest(10).map(({ to }) => to)).toEqual([['sara@example.org'], ['ali@example.org']]);
  expect(simulator.latest(10, before?.id)).toHaveLength(1);
  await simulator.close();
  await rm(folder, { recursive: true });
});
