import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Api, startApi } from '../../api/start-api';
import type { Accepted } from '../../client/notice';
import { createQueueClient } from '../../client/queue-client';
import { createOperators } from '../../core/operators/operators';
import { API_REQUIRED_SETTINGS, loadConfig, WORKERS_REQUIRED_SETTINGS } from '../../core/platform/config';
import { kavenegarCallbackUrl } from '../../core/platform/derived-keys';
import type { Closable } from '../../core/platform/shutdown';
import { startWorkers } from '../../workers/start-workers';
import { SECRET_KEY } from '../api/test-api';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { addSource, aNotice, anAttachment, anEmployer, nationalId } from '../support/fixtures';
import { addLogin, type TestLogin } from '../support/logins';
import { createTcpProxy, type TcpProxy, throughProxy } from '../support/tcp-proxy';
import { until } from '../support/until';
import { codesSentTo } from '../support/web-app';
import { type Providers, startProviders } from '../workers/providers';

jest.setTimeout(120_000);

const OWNER = nationalId(41_000_001);
const MOBILE = '09121110001';

let test: TestDatabase;
let providers: Providers;
let folder: string;
let proxy: TcpProxy;
let logins: TestLogin[] = [];
let api: Api;
const running: Closable[] = [];
let senderUrl: string;
let apiKey: string;
/** The notice of the story, and one that came by the queue. */
let noticeId: string;
let pushedId: string;
const owner = browser();
const operator = browser();
/** PostgreSQL's refusals, in its own words. */
const refusals: string[] = [];

/** `C` and the SQLSTATE, as they stand in an error message of PostgreSQL's protocol. */
const REFUSAL = 'C42501\0';

beforeAll(async () => {
  test = await createTestDatabase();
  providers = await startProviders();
  folder = await mkdtemp(join(tmpdir(), 'ablagh-roles-'));
  proxy = await createTcpProxy(Number(new URL(test.url).port), (bytes) => {
    const text = bytes.toString('latin1');
    if (text.includes(REFUSAL)) refusals.push(text.slice(text.indexOf(REFUSAL), text.indexOf(REFUSAL) + 200));
  });
  ({ apiKey } = await addSource(test.db));
  await startRestricted();
});
afterAll(async () => {
  await stop();
  await providers.close();
  await proxy.close();
  for (const login of logins) await login.drop();
  await test.drop();
  await rm(folder, { recursive: true, force: true });
});

/** Starts both kinds of process as an administrator would: each with a login of its own, and no other rights. */
async function startRestricted(): Promise<void> {
  const [forApi, forWorkers, forSender] = [
    await addLogin(test, 'ablagh_api'),
    await addLogin(test, 'ablagh_workers'),
    await addLogin(test, 'ablagh_senders'),
  ];
  logins = [forApi, forWorkers, forSender];
  const env = {
    SECRET_KEY,
    DATA_DIR: folder,
    PORT: '0',
    KAVENEGAR_API_KEY: providers.kavenegar.apiKey,
    KAVENEGAR_SENDER: '10004346',
    KAVENEGAR_BASE_URL: providers.kavenegarUrl,
    SMTP_URL: providers.smtpUrl,
    MAIL_FROM: 'notices@ablagh.example',
    // The workers look for data to purge as soon as they start.
    KEEP_ATTACHMENTS_DAYS: '30',
    KEEP_PERSONAL_DATA_DAYS: '30',
  };
  const through = (login: TestLogin) => throughProxy(login.url, proxy);
  const workers = await startWorkers(
    loadConfig({ ...env, DATABASE_URL: through(forWorkers) }, WORKERS_REQUIRED_SETTINGS),
    providers.log,
  );
  api = await startApi(loadConfig({ ...env, DATABASE_URL: through(forApi) }, API_REQUIRED_SETTINGS), {
    log: providers.log,
  });
  running.push({ name: 'api', close: api.close }, ...workers);
  senderUrl = through(forSender);
}

/** Safe to call twice. */
async function stop(): Promise<void> {
  for (const part of running.splice(0)) await part.close();
}

/** Makes a browser that keeps one cookie and the hidden field of the latest form. */
function browser() {
  const cookies = new Map<string, string>();
  let csrf = '';
  const go = async (path: string, fields?: Record<string, string>) => {
    const answer = await fetch(new URL(path, api.address), {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(fields && { method: 'POST', body: new URLSearchParams({ csrf, ...fields }) }),
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    const body = await answer.text();
    csrf = /name="csrf" value="([^"]+)"/.exec(body)?.[1] ?? csrf;
    return { status: answer.status, body };
  };
  return { get: (path: string) => go(path), post: (path: string, fields = {}) => go(path, fields) };
}

/** Sends a request of the story's source system. */
async function ask(method: string, path: string, body?: unknown) {
  const answer = await fetch(`${api.address}${path}`, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: await answer.json() };
}

const serve = (to: Partial<ReturnType<typeof aNotice>['recipient']> = {}) =>
  ask(
    'POST',
    '/v1/notices',
    aNotice({ recipient: { nationalId: OWNER, ...to }, attachments: [anAttachment()] }),
  );

const report = async () => (await ask('GET', `/v1/notices/${noticeId}`)).body;

describe('with restricted logins', () => {
  it('employers are registered, and notices come through every intake', async () => {
    const employer = anEmployer({ mobile: MOBILE, email: 'owner@example.org' });
    expect((await ask('PUT', `/v1/employers/${OWNER}`, employer)).status).toBe(200);
    const served = await serve();
    expect(served.status).toBe(202);
    noticeId = served.body.id;
    expect((await serve({ nationalId: nationalId(41_000_002) })).status).toBe(422);
    const batch = await fetch(`${api.address}/v1/notices/batch`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/x-ndjson' },
      body: `${JSON.stringify(aNotice({ recipient: { nationalId: OWNER } }))}\nno notice\n`,
    });
    expect((await batch.text()).match(/"status":\d+/g)).toEqual(['"status":202', '"status":400']);
    const queue = createQueueClient({ apiKey, databaseUrl: senderUrl });
    const pushed = await queue.send(aNotice({ recipient: { nationalId: OWNER } }), { wait: 20_000 });
    expect(pushed).toMatchObject({ state: 'accepted' });
    pushedId = (pushed as Accepted).id;
    await queue.close();
  });

  it('alerts are sent, and delivery reports are polled and pushed', async () => {
    await until(async () => (await report()).state === 'sent');
    const [message] = providers.kavenegar.messages();
    const callback = new URL(kavenegarCallbackUrl(api.address, SECRET_KEY));
    callback.search = `messageid=${message?.id}&status=10`;
    expect((await fetch(callback)).status).toBe(200);
    // This message is not ours.
    expect((await fetch(`${callback.href}0`)).status).toBe(200);
    const states = async () =>
      (await report()).alerts.map(({ channel, state }: Record<string, string>) => `${channel} ${state}`);
    await until(async () => (await states()).includes('sms delivered'));
    await until(() => providers.smtp.messages().length >= 3);
  });

  it('an employer signs in, reads a notice with its file, and issues a permit', async () => {
    await owner.get('/login');
    await owner.post('/login', { nationalId: OWNER });
    const code = await until(() => codesSentTo(providers.kavenegar, MOBILE)[0]);
    await owner.get('/login/code');
    const wrong = code === '000000' ? '000001' : '000000';
    expect((await owner.post('/login/code', { code: wrong })).status).toBe(422);
    expect((await owner.post('/login/code', { code })).status).toBe(303);
    expect((await owner.get('/inbox')).status).toBe(200);
    const page = await owner.get(`/inbox/${noticeId}`);
    const [file = ''] = /\/inbox\/[^"]+\/attachments\/[^"?]+/.exec(page.body) ?? [];
    expect((await owner.get(file)).status).toBe(200);
    await until(async () => (await report()).state === 'viewed');
    await owner.get(`/inbox/${noticeId}/permit`);
    expect((await owner.post(`/inbox/${noticeId}/permit`, { duration: 'week' })).status).toBe(303);
  });

  it('a government body inquires, until it is locked out; then the permit is revoked', async () => {
    const passcode = await passcodeOf(owner, noticeId);
    const inquire = (typed: string) => ask('POST', '/v1/inquiries', { nationalId: OWNER, passcode: typed });
    expect((await inquire(passcode)).status).toBe(200);
    const answers: number[] = [];
    for (let i = 0; i < 6; i += 1) answers.push((await inquire('0000000000')).status);
    expect(answers).toEqual([404, 404, 404, 404, 404, 429]);
    await owner.get(`/inbox/${noticeId}/permit/revoke`);
    expect((await owner.post(`/inbox/${noticeId}/permit/revoke`)).status).toBe(303);
  });

  it('a permit expires, and its owner signs out', async () => {
    await owner.get(`/inbox/${pushedId}/permit`);
    expect((await owner.post(`/inbox/${pushedId}/permit`, { duration: 'day' })).status).toBe(303);
    await test.db.query('UPDATE permits SET expires_at = now() WHERE notice_id = $1', [pushedId]);
    await test.db.query(`UPDATE outbox SET run_at = now(), relay_at = now() WHERE queue = 'permits'`);
    await until(async () => {
      const { body } = await ask('GET', '/v1/events?limit=1000');
      return body.events.some(({ type }: { type: string }) => type === 'permit.expired');
    });
    expect((await owner.post('/logout')).status).toBe(303);
  });

  it('an operator signs in, opens every page, and handles dead alerts', async () => {
    const { body: failing } = await serve({ mobile: '09990000411', email: 'drop@example.ir' });
    const [email, sms] = await deadAlertsOf(failing.id);
    await signIn();
    for (const page of OPS_PAGES) expect([page, (await operator.get(page)).status]).toEqual([page, 200]);
    expect((await operator.get(`/ops/notices/${failing.id}`)).body).toContain('•••');
    expect(await act(`/ops/notices/${failing.id}/unmask`)).toBe(200);
    expect(await act(`/ops/alerts/${email}/count-as-sent`)).toBe(303);
    expect(await act(`/ops/alerts/${sms}/resend`)).toBe(303);
    const tries = () => test.db.query('SELECT FROM attempts WHERE alert_id = $1', [sms]);
    await until(async () => (await tries()).length === 2);
    expect(await act(`/ops/alerts/${sms}/give-up`)).toBe(303);
    const record = await test.db.query<{ action: string }>(
      `SELECT action FROM audit WHERE outcome = 'done' AND action NOT LIKE 'sign%' ORDER BY id`,
    );
    const actions = record.map(({ action }) => action);
    expect(actions).toEqual(['unmask', 'count-as-sent', 'resend', 'give-up']);
  });

  it('operators pause a lane, resume it, and change a rate', async () => {
    expect(await act('/ops/steering/lanes/sms/bulk/pause')).toBe(303);
    expect(await act('/ops/steering/lanes/sms/bulk/resume')).toBe(303);
    expect(await act('/ops/steering/lines/kavenegar/rate', { perSecond: '500' })).toBe(303);
  });

  it('the periodic tasks run: measurements, watchdogs, sweeps and purges', async () => {
    await until(async () => (await test.db.query('SELECT FROM measurements')).length > 5);
    expect((await fetch(`${api.address}/metrics`)).status).toBe(200);
    expect((await fetch(`${api.address}/readyz`)).status).toBe(200);
  });

  it('every process stops, and PostgreSQL has refused no statement', async () => {
    await stop();
    expect(refusals).toEqual([]);
    expect(providers.logged.filter(({ code }) => code === '42501')).toEqual([]);
  });
});

const OPS_PAGES = [
  '/ops',
  '/ops/find',
  '/ops/dead-letters',
  '/ops/steering',
  '/ops/audit',
  '/ops/queues',
  '/ops/queues/api/queues?activeQueue=notices&status=completed&page=1',
];

async function signIn(): Promise<void> {
  const { name, password } = await createOperators(test.db).add('boss', 'operator');
  await operator.get('/ops/login');
  await operator.post('/ops/login', { name, password: 'wrong' });
  expect((await operator.post('/ops/login', { name, password })).status).toBe(303);
}

/** Sends the form of an action, filled in. @returns the status of the answer */
async function act(path: string, fields: Record<string, string> = {}): Promise<number> {
  const { body } = await operator.get(path);
  const hidden = [...body.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
    ([, name, value]) => [name, value],
  );
  const filled = { ...Object.fromEntries(hidden), reason: 'it has to be done', ...fields };
  return (await operator.post(path, filled)).status;
}

/** Finds the email and the SMS of a notice, once both are dead. */
async function deadAlertsOf(id: string): Promise<string[]> {
  const rows = await until(async () => {
    const found = await test.db.query<{ id: string }>(
      `SELECT a.id FROM dead_alerts d JOIN alerts a ON a.id = d.alert_id WHERE a.notice_id = $1 ORDER BY a.channel`,
      [id],
    );
    return found.length === 2 && found;
  });
  return rows.map(({ id: alertId }) => alertId);
}

/** Reads the passcode where its owner does, on the page of the notice. */
async function passcodeOf(owner: ReturnType<typeof browser>, noticeId: string): Promise<string> {
  const { body } = await owner.get(`/inbox/${noticeId}`);
  return /data-copy="(\d{10})"/.exec(body)?.[1] ?? 'no passcode is shown';
}
