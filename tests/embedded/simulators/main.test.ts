import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { forkEntry } from '../../../embedded/fork-entry';
import type { SimulatorsReady } from '../../../embedded/simulators/main';

let journalDir: string;
let child: ChildProcess;
let urls: SimulatorsReady;

beforeAll(async () => {
  journalDir = await mkdtemp(join(tmpdir(), 'ablagh-simulators-'));
});

beforeEach(async () => {
  const settings = JSON.stringify({ kavenegarPort: 0, smtpPort: 0, journalDir });
  child = forkEntry('simulators/main', { env: { ...process.env, SIMULATORS: settings } });
  [urls] = await once(child, 'message');
});

afterEach(async () => {
  if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
});

afterAll(() => rm(journalDir, { recursive: true }));

const sendSms = (text: string) =>
  fetch(`${urls.kavenegarUrl}/v1/simulator/sms/send.json?receptor=09121234567&message=${text}`);

const sendEmail = (content: object) =>
  createTransport(urls.smtpUrl).sendMail({
    from: 'a@ablagh.example',
    to: 'ali@example.org',
    subject: 's',
    ...content,
  });

async function list(query = ''): Promise<{ sms: { id: number; text: string }[]; emails: { id: number }[] }> {
  return (await fetch(`${urls.apiUrl}/messages${query}`)).json() as never;
}

test('lists both kinds, the newest first, behind one cursor', async () => {
  await sendSms('one');
  await sendEmail({ html: '<b>two</b>' });
  await sendSms('three');
  const { sms, emails } = await list();
  expect(sms.map(({ text }) => text)).toEqual(['three', 'one']);
  expect(emails).toMatchObject([{ to: ['ali@example.org'], subject: 's', hasHtml: true }]);
  const afterEmail = await list(`?after=${emails[0]?.id}`);
  expect(afterEmail).toMatchObject({ sms: [{ text: 'three' }], emails: [] });
  expect((await list('?limit=1')).sms).toHaveLength(1);
});

test('shows an email as an inert page, and one without HTML as text', async () => {
  await sendEmail({ text: '<script>' });
  await sendEmail({ html: '<b>two</b>' });
  const { emails } = await list();
  const [html, text] = await Promise.all(
    emails.slice(0, 2).map(({ id }) => fetch(`${urls.apiUrl}/email/${id}/html`)),
  );
  expect(await html?.text()).toContain('<b>two</b>');
  expect(html?.headers.get('content-security-policy')).toMatch(/^sandbox;/);
  expect(text?.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect((await fetch(`${urls.apiUrl}/email/1/html`)).status).toBe(404);
});

test('goes on after SIGINT, and writes its journals before it ends on SIGTERM', async () => {
  child.kill('SIGINT');
  await sendSms('kept-over-term');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('ends when its parent is gone, and remembers what it received before', async () => {
  expect((await list()).sms[0]?.text).toBe('kept-over-term');
  child.disconnect();
  expect(await once(child, 'exit')).toEqual([0, null]);
});
