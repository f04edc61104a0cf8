import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { createOperators } from '../../../core/operators/operators';
import { toPersianDigits } from '../../../core/text/normalise';
import { bearer } from '../../api/test-api';
import { useBrowser, useWebApp } from '../../support/browser';
import { addSource, aNotice, nationalId, registerEmployer } from '../../support/fixtures';
import { startOperatorSession } from '../../support/operator';
import { until } from '../../support/until';
import { SCREENS } from './screens';
import { ALL_WELL, isMarked, mark } from './status-page';
import { violations } from './violations';

jest.setTimeout(180_000);

const MORNING = 20;
const BACKLOG = 150;
/** The folder that SCREENSHOTS=1 writes pictures of the day to. */
const FOLDER = process.env.SCREENSHOTS ? join(__dirname, '../../../docs/screenshots') : null;

const app = useWebApp();
const chromium = useBrowser();
/** The status page, which stays open all day and is never reloaded. */
let page: Page;
let apiKey: string;
const errors: string[] = [];

/** Returns the mobile of the nth employer as the provider writes it. */
const mobileOf = (n: number) => `0912${String(4_000_000 + n)}`;
const everybody = Array.from({ length: MORNING + BACKLOG }, (_, n) => mobileOf(n));

beforeAll(async () => {
  ({ apiKey } = await addSource(app.db));
  for (const [n, mobile] of everybody.entries())
    await registerEmployer(app.db, {
      nationalId: nationalId(700_000 + n),
      mobile,
      email: `bad-day-${n}@example.ir`,
    });
  const { name } = await createOperators(app.db).add('sara', 'operator');
  const context = await chromium.browser.newContext({ viewport: SCREENS.desktop });
  const token = await startOperatorSession(app.db, name);
  await context.addCookies([{ name: 'ablagh-ops', value: token, url: `${app.url}/ops` }]);
  page = await context.newPage();
  collectErrors(page);
});
afterAll(() => page?.context().close());

function collectErrors(watched: Page): void {
  watched.on('pageerror', ({ message }) => errors.push(message));
  watched.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
}

/** Sends notices over HTTP in bulk to the employers from `first` on, as a source system does at the end of a month. */
async function serve(first: number, count: number): Promise<void> {
  const lines = Array.from({ length: count }, (_, i) =>
    JSON.stringify(
      aNotice({
        reference: `BAD-DAY-${first + i}`,
        recipient: { nationalId: nationalId(700_000 + first + i) },
      }),
    ),
  );
  const answer = await fetch(`${app.url}/v1/notices/batch`, {
    method: 'POST',
    headers: { ...bearer(apiKey), 'content-type': 'application/x-ndjson' },
    body: lines.join('\n'),
  });
  const statuses = (await answer.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).status);
  expect(statuses).toEqual(Array(count).fill(202));
}

/** Counts the alerts of a channel by state. */
async function states(channel: 'sms' | 'email'): Promise<Record<string, number>> {
  const rows = await app.db.query<{ state: string; count: number }>(
    `SELECT a.state, count(*)::int AS count FROM alerts a JOIN notices n ON n.id = a.notice_id
      WHERE n.reference LIKE 'BAD-DAY-%' AND a.channel = $1 GROUP BY a.state`,
    [channel],
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

/** Counts the SMS the provider has received, whatever their status. */
async function handedOver(): Promise<number> {
  const { sent = 0, delivered = 0 } = await states('sms');
  return sent + delivered;
}

/** Lists the provider's receivers, one entry for each SMS. */
const receivers = () =>
  app.sms
    .messages()
    .map(({ receptor }) => receptor)
    .filter((receptor) => everybody.includes(receptor))
    .sort();

const words = async (selector: string) => (await page.locator(selector).textContent())?.replace(/\s+/g, ' ');
const figure = (name: string) =>
  page.locator('.key-figure', { has: page.getByText(name, { exact: true }) }).locator('strong');
const line = () => page.locator('#lines article', { hasText: 'kavenegar' });

async function keep(name: string, shown = page): Promise<void> {
  expect(await violations(shown)).toEqual([]);
  if (!FOLDER) return;
  mkdirSync(FOLDER, { recursive: true });
  await shown.screenshot({ path: join(FOLDER, `${name}.png`) });
}

describe('a bad day: the provider answers 418, no credit', () => {
  it('begins like any other: alerts are sent, and the page has no findings', async () => {
    await page.goto(`${app.url}/ops`);
    await mark(page);
    await serve(0, MORNING);
    await until(async () => (await handedOver()) === MORNING, { timeout: 60_000 });
    await until(async () => (await states('email')).sent === MORNING, { timeout: 60_000 });
    await page.getByText(ALL_WELL).waitFor({ timeout: 60_000 });
    const sent = page.locator('#traffic tr', { hasText: 'فرستاده' }).locator('strong');
    await until(async () => (await sent.textContent()) === toPersianDigits(`${2 * MORNING}`), {
      timeout: 30_000,
    });
    expect(await words('#lines')).toContain('باز');
    expect(await page.title()).toMatch(/^وضعیت/);
  });

  it('appears on the open page within seconds, with line, start and remedy', async () => {
    app.sms.setCredit(0);
    await serve(MORNING, BACKLOG);
    await page.getByRole('heading', { name: 'موقتاً بسته است' }).waitFor();
    expect(await page.title()).toMatch(/^\([۱۲]\) وضعیت/);
    const said = await words('#findings');
    expect(said).toContain('kavenegar');
    expect(said).toContain('۴۱۸: اعتبار حساب کافی نیست.');
    expect(said).toContain('حساب را شارژ کنید');
    await until(async () => /^[۱-۹]/.test((await figure('سررسیده و در انتظار').textContent()) ?? ''), {
      timeout: 120_000,
      what: 'the page to tell that some wait',
    });
    await keep('ops-bad-day-1-no-credit');
  });

  it('does not affect the emails of the same notices', async () => {
    await until(async () => (await states('email')).sent === MORNING + BACKLOG, { timeout: 60_000 });
    expect(await handedOver()).toBe(MORNING);
    expect((await states('sms')).queued).toBe(BACKLOG);
    expect(receivers()).toEqual(everybody.slice(0, MORNING));
  });

  it('is explained at the line, in steering, and at a notice', async () => {
    expect(await line().textContent()).toMatch(/موقتاً بسته[\s\S]*۴۱۸[\s\S]*اعتبار حساب کافی نیست\./);
    const [tried] = await app.db.query<{ reference: string }>(
      `SELECT n.reference FROM attempts t JOIN alerts a ON a.id = t.alert_id JOIN notices n ON n.id = a.notice_id
        WHERE t.code = '418' LIMIT 1`,
    );
    const operatorPage = await page.context().newPage();
    collectErrors(operatorPage);
    await operatorPage.goto(`${app.url}/ops`);
    await operatorPage.locator('#findings').getByRole('link', { name: 'هدایت' }).click();
    await operatorPage.getByText('اعتبار حساب کافی نیست.').first().waitFor();
    await keep('ops-bad-day-2-steering', operatorPage);
    await operatorPage.getByRole('link', { name: 'جستجو' }).click();
    await operatorPage.getByLabel('چه چیزی را می‌جویید؟').fill(tried?.reference as string);
    await operatorPage.keyboard.press('Enter');
    await operatorPage.getByText('اعتبار حساب کافی نیست.').first().waitFor();
    await keep('ops-bad-day-3-notice', operatorPage);
    await operatorPage.goto(`${app.url}/ops/queues`);
    await operatorPage.getByText('پیامک عادی').first().waitFor();
    await operatorPage.getByPlaceholder('جستجوی صف').waitFor();
    expect(await operatorPage.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
      SCREENS.desktop.width,
    );
    await operatorPage.close();
  });

  it('ends by itself with new credit: the line opens and the findings go, without a reload', async () => {
    app.sms.setCredit(1_000_000_000);
    await until(
      async () => {
        expect(await words('#findings')).toBe(ALL_WELL);
        return true;
      },
      { timeout: 120_000, what: 'the page to be calm' },
    );
    expect(await line().textContent()).not.toContain('موقتاً بسته');
    await until(async () => (await figure('سررسیده و در انتظار').textContent()) === '۰', { timeout: 60_000 });
    expect(await page.title()).toMatch(/^وضعیت/);
    expect(await isMarked(page)).toBe(true);
    await keep('ops-bad-day-4-over');
  });

  it('has lost nothing and sent nothing twice', async () => {
    await until(async () => (await handedOver()) === MORNING + BACKLOG, { timeout: 60_000 });
    expect(receivers()).toEqual(everybody);
    const [left] = await app.db.query<{ work: number; dead: number; sent: number }>(
      `SELECT (SELECT count(*) FROM outbox WHERE queue ~ '^(sms|email)-(urgent|normal|bulk)$')::int AS work,
              (SELECT count(*) FROM dead_alerts)::int AS dead,
              (SELECT count(*) FROM events WHERE type = 'alert.sent' AND data ->> 'channel' = 'sms')::int AS sent`,
    );
    expect(left).toEqual({ work: 0, dead: 0, sent: MORNING + BACKLOG });
    expect(errors).toEqual([]);
  });
});
