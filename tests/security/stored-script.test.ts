import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext, Page } from 'playwright-core';
import type { Database } from '../../core/platform/database';
import { useApi } from '../api/test-api';
import { useBrowser } from '../support/browser';
import { until } from '../support/until';
import { addressOf } from './ask';
import { type Credentials, createCallers } from './callers';
import { type Route, routesOf } from './routes';
import { makeScene, type Scene } from './scene';
import { send } from './send';
import { COLUMNS, columnsOf, writeInto } from './stored-texts';

jest.setTimeout(120_000);

const app = useApi();
const chromium = useBrowser();
let base: string;
let scene: Scene;
let employer: Credentials;
let operator: Credentials;
/** Another site, from which no page of ours may load anything. */
const elsewhere = createServer((request, response) => {
  reached.push(request.url as string);
  response.end();
});
const reached: string[] = [];
let away: string;

beforeAll(async () => {
  elsewhere.listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  away = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
  scene = await makeScene(app.api, app.db);
  base = await app.api.listen();
  const credentialsOf = await createCallers(app.db, scene);
  [employer, operator] = [await credentialsOf('employer'), await credentialsOf('operator')];
  await fillTables(app.db, scene);
  for (const table of ['events', 'audit', 'views', 'attempts'])
    await app.db.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
  for (const column of await columnsOf(app.db))
    if (['shown', 'kept'].includes(COLUMNS[column.name] as string))
      await writeInto(app.db, column, markerOf(column.name));
});
afterAll(() => elsewhere.close());

/** Makes a script that runs wherever a page takes it for markup, in a text, an attribute or an address; it names its column. */
const markerOf = (name: string): string =>
  `"'><script>ran="${name}"</script><img src=${away}/${name} onerror="ran='${name}'"><img src=x onerror="ran='${name}'"><b id=ran>${name}</b>`;
const RAW = /<script>ran|<img src=(x|http)|<b id=ran/;

/** Adds a row to each table with foreign texts that the scene leaves empty. */
async function fillTables(db: Database, { alertId, noticeId }: Scene): Promise<void> {
  await db.query(
    `INSERT INTO attempts (id, alert_id, provider, outcome, code, provider_message_id, detail, at, settled_at)
     VALUES (nextval('attempt_ids'), $1, 'smtp', 'unknown', '1', '1', 'x', now(), now())`,
    [alertId],
  );
  await db.query(
    `INSERT INTO audit (operator, role, action, subject, reason, outcome, touched)
     VALUES ('operator', 'operator', 'unmask', $1, 'x', 'done', 1), ('operator', 'operator', 'pause', 'x', 'x', 'done', 1)`,
    [`notice ${noticeId}`],
  );
  await db.query(
    `INSERT INTO lane_pauses (channel, lane, operator, reason) VALUES ('sms', 'bulk', 'operator', 'x')`,
  );
  await db.query(
    `INSERT INTO refusals (door, source_id, key_id, reference, code, detail)
     SELECT 'http', id, 'x', 'x', 'unknown_employer', 'x' FROM source_systems LIMIT 1`,
  );
  await db.query(
    `WITH permit AS (
       INSERT INTO permits (notice_id, source_id, employer_id, duration, state, passcode_hash, expires_at, ended_at)
       SELECT id, source_id, employer_id, 'day', 'revoked', 'x', now(), now() FROM notices WHERE id = $1 RETURNING id)
     INSERT INTO inquiries (id, national_id, body_name, address, address_group, actor, outcome, permit_id)
     SELECT gen_random_uuid(), 'x', 'x', 'x', 'x', 'panel', 'answered', id FROM permit`,
    [noticeId],
  );
  await db.query(`INSERT INTO findings (rule, subject, detail) VALUES ('no rule of ours', 'x', 'x')`);
  await db.query(
    `INSERT INTO processes (id, kind, host, pid, data) VALUES (gen_random_uuid(), 'api', 'x', 1, '{}')`,
  );
  await db.query(`UPDATE lines SET state = 'closed', code = '403', reason = 'x' WHERE name = 'smtp'`);
}

const isForOperators = ({ url }: Route): boolean => /^\/ops(\/|$)/.test(url);
const LEFT_OUT = /^\/(v1|docs|assets|callbacks|livez|readyz|metrics)|^\/ops\/(stream|queues)/;

/** Lists every page that can be requested. */
const pages = (): Route[] =>
  routesOf(app.api.app).filter(({ method, url }) => method === 'GET' && !LEFT_OUT.test(url));

/** Lists the forms whose answer is a page with stored or typed text. */
const forms = (): [string, Record<string, string>][] => [
  ['/inquiry', { bodyName: markerOf('typed'), nationalId: scene.nationalId, passcode: scene.passcode }],
  ['/inquiry', { bodyName: markerOf('typed'), nationalId: scene.nationalId, passcode: '1' }],
  ['/login', { nationalId: markerOf('typed'), next: markerOf('typed') }],
  ['/ops/login', { name: markerOf('typed'), password: 'x' }],
  ['/ops/find', { q: scene.nationalId }],
  ['/ops/find', { q: markerOf('typed') }],
  [`/ops/notices/${scene.noticeId}/unmask`, { reason: '' }],
  [`/ops/notices/${scene.noticeId}/unmask`, { reason: markerOf('typed').slice(0, 290) }],
];

async function everyPage(): Promise<{ url: string; html: string }[]> {
  const found: { url: string; html: string }[] = [];
  for (const route of pages()) {
    const who = isForOperators(route) ? operator : employer;
    const url = addressOf(route, scene);
    const { body: html, headers } = await send(base, { method: 'GET', url, headers: who.headers });
    if (String(headers['content-type']).startsWith('text/html')) found.push({ url, html });
  }
  for (const [url, fields] of forms()) {
    const who = url.startsWith('/ops') ? operator : employer;
    const csrf = url.startsWith('/ops') ? who.csrf.operators : who.csrf.people;
    const body = new URLSearchParams({ csrf, requestId: randomUUID(), ...fields }).toString();
    const headers = { ...who.headers, 'content-type': 'application/x-www-form-urlencoded' };
    const { body: html } = await send(base, { method: 'POST', url, headers, body });
    found.push({ url: `POST ${url}`, html });
  }
  return found;
}

describe('a script written into', () => {
  it('any text column is listed in the table, and no other is', async () => {
    expect((await columnsOf(app.db)).map(({ name }) => name)).toEqual(Object.keys(COLUMNS).sort());
  });

  it('a column with a constraint is refused', async () => {
    for (const column of (await columnsOf(app.db)).filter(({ name }) => COLUMNS[name] === 'checked')) {
      const [{ rows = 0 } = {}] = await app.db.query<{ rows: number }>(
        `SELECT count(*)::int AS rows FROM ${column.table}`,
      );
      if (rows > 0)
        await expect(writeInto(app.db, column, '<script>')).rejects.toMatchObject({ code: '23514' });
    }
  });

  it('any other column is plain text on every page, and each appears on one', async () => {
    const all = await everyPage();
    expect(all.filter(({ html }) => RAW.test(html)).map(({ url }) => url)).toEqual([]);
    const shown = Object.keys(COLUMNS).filter((name) => COLUMNS[name] === 'shown');
    expect(shown.filter((name) => !all.some(({ html }) => html.includes(`&lt;b id=ran>${name}`)))).toEqual(
      [],
    );
  });

  describe('any column, in a browser that ignores our policy,', () => {
    let context: BrowserContext;
    let page: Page;
    beforeAll(async () => {
      context = await chromium.browser.newContext({ bypassCSP: true });
      const tokenOf = (name: string, { headers }: Credentials) =>
        new RegExp(`\\b${name}=([^;]+)`).exec(headers.cookie as string)?.[1] as string;
      await context.addCookies([
        { name: 'ablagh', value: tokenOf('ablagh', employer), url: base },
        { name: 'ablagh-ops', value: tokenOf('ablagh-ops', operator), url: `${base}/ops` },
      ]);
      page = await context.newPage();
    });
    afterAll(() => context?.close());

    it('would run if it were not escaped', async () => {
      await page.goto(`${base}/inquiry`);
      await page.setContent(markerOf('control'));
      await until(async () => (await page.evaluate('window.ran')) === 'control');
      await until(() => reached.includes('/control'));
      reached.length = 0;
    });

    it('does not run, and loads nothing from elsewhere', async () => {
      const ran: unknown[] = [];
      for (const route of pages()) {
        const url = addressOf(route, scene);
        // A file is no page, and the browser may download it instead of showing it.
        if (url.includes('/attachments/') || url === '/ops/logout') continue;
        await page.goto(`${base}${url}`, { waitUntil: 'load' });
        const found = await page.evaluate('[window.ran, document.getElementById("ran")]');
        if (String(found) !== ',') ran.push([url, found]);
      }
      expect(ran).toEqual([]);
      expect(reached).toEqual([]);
    });
  });
});
