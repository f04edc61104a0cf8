import type { AddressInfo } from 'node:net';
import { source as axeSource } from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';
import { createAudit } from '../../../core/operators/audit';
import { createOperators } from '../../../core/operators/operators';
import { createLog } from '../../../core/platform/log';
import { createPostgresQueueBackend } from '../../../core/platform/postgres-queue-backend';
import type { QueueBackend } from '../../../core/platform/queue-backend';
import { INTAKE_JOB, INTAKE_QUEUE } from '../../../core/platform/queues';
import { startTestApi, type TestApi } from '../../api/test-api';
import { useBrowser } from '../../support/browser';
import { useDatabase } from '../../support/database';
import { until } from '../../support/until';
import { SCREENS, type Screen } from './screens';

const chromium = useBrowser();
// Registered before the database's hook, so that the API closes first.
afterAll(async () => {
  await api?.close();
  await queues?.close();
});
const test = useDatabase();
let api: TestApi;
let queues: QueueBackend;
let url: string;
beforeAll(async () => {
  queues = createPostgresQueueBackend(test.db.pool, createLog('test', 'silent'));
  api = await startTestApi(test.db, { backend: queues });
  await api.listen();
  url = `http://localhost:${(api.app.server.address() as AddressInfo).port}`;
});

/** Collects the errors and warnings of a page while it is open. */
function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return complaints;
}

/** Checks that axe finds no violation and that nothing is wider than the screen. */
async function inspect(page: Page): Promise<void> {
  await page.evaluate(axeSource);
  const violations = await page.evaluate(
    'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]))',
  );
  expect([page.url(), violations]).toEqual([page.url(), []]);
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
}

async function typeIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel('نام').fill(name);
  await page.getByLabel('گذرواژه').fill(password);
  await page.keyboard.press('Enter');
}

/** Adds a delayed job to the intake queue. */
const delayed = (jobId: string) =>
  queues.queue(INTAKE_QUEUE).add(INTAKE_JOB, { keyId: 'abl_0123456789ab' }, { jobId, delay: 3_600_000 });

describe.each<[Screen, 'light' | 'dark']>([
  ['desktop', 'light'],
  ['phone', 'light'],
  ['desktop', 'dark'],
])('an operator on a %s in %s colours', (screen, colorScheme) => {
  let context: BrowserContext;
  beforeAll(async () => {
    context = await chromium.browser.newContext({ viewport: SCREENS[screen], colorScheme });
  });
  afterAll(() => context?.close());

  it('signs in, reads the audit log, opens the queue board, comes back and signs out', async () => {
    const { name, password } = await createOperators(test.db).add(`${screen}-${colorScheme}`, 'operator');
    const entry = { operator: name, role: 'operator', touched: 0, reason: null } as const;
    const record = createAudit(test.db);
    await record.record({ ...entry, action: 'pause', subject: 'sms bulk', outcome: 'overtaken' });
    const subject = `queue notices job n${'0f'.repeat(20)} retry`;
    await record.record({ ...entry, action: 'queue-board', subject, outcome: 'refused' });
    const page = await context.newPage();

    await page.goto(`${url}/ops/audit`);
    await page.waitForURL(/\/ops\/login$/);
    await inspect(page);
    await typeIn(page, name, 'not the password');
    await page.getByText('نام یا گذرواژه درست نیست').waitFor();
    await inspect(page);
    const complaints = complaintsOf(page);
    await typeIn(page, name, password);
    await page.waitForURL(/\/ops$/);

    await page.goto(`${url}/ops/audit`);
    await page.getByRole('heading', { name: 'کارنامه' }).waitFor();
    await page.getByText(subject).first().waitFor();
    expect(await page.getByRole('link', { name: 'کارنامه' }).getAttribute('aria-current')).toBe('page');
    await inspect(page);

    await page.getByRole('link', { name: 'صف‌ها' }).click();
    await page.getByText('کدهای ورود').filter({ visible: true }).first().waitFor();
    await page.locator('header ul button').last().click();
    await page.getByRole('menuitem', { name: 'میز راهبری' }).click();
    await page.waitForURL(/\/ops$/);

    await page.goto(`${url}/ops/audit`);
    await page.getByRole('button', { name: 'خروج' }).click();
    await page.waitForURL(/\/ops\/login$/);
    await page.goBack();
    await page.waitForURL(/\/ops\/login$/);
    expect(complaints).toEqual([]);
    await page.close();
  }, 60_000);
});

const CLEAN_ALL = 'پاک کردن همه';

describe('the board in a browser', () => {
  async function openedBy(role: 'viewer' | 'operator', path: string): Promise<[Page, string[]]> {
    const { name, password } = await createOperators(test.db).add(`board-${role}`, role);
    const context = await chromium.browser.newContext({ viewport: SCREENS.desktop });
    const page = await context.newPage();
    await page.goto(`${url}/ops/login`);
    await typeIn(page, name, password);
    await page.waitForURL(/\/ops$/);
    const complaints = complaintsOf(page);
    await page.goto(url + path);
    return [page, complaints];
  }

  it('performs what an operator may do and refuses the rest, and the policy blocks nothing', async () => {
    const job = await delayed('nlater');
    const [page, complaints] = await openedBy('operator', '/ops/queues/queue/notices?status=delayed');
    await page.getByText('nlater').waitFor();
    await page.getByText('داده', { exact: true }).click();
    await page.getByText('noticeBytes').waitFor();
    expect(complaints).toEqual([]);

    await page.getByRole('button', { name: CLEAN_ALL }).click();
    await page.getByRole('button', { name: 'بله' }).click();
    await page.getByText('این کار اینجا انجام نمی‌شود').waitFor();
    expect(await job.getState()).toBe('delayed');

    // This is the request that the board itself sends.
    await page.evaluate(`fetch('/ops/queues/api/queues/notices/nlater/promote', { method: 'PUT' })`);
    await until(async () => (await job.getState()) === 'waiting');
    await page.context().close();
  }, 60_000);

  it('offers a viewer no buttons', async () => {
    await delayed('nseen');
    const [page, complaints] = await openedBy('viewer', '/ops/queues/queue/notices?status=delayed');
    await page.getByText('nseen').waitFor();
    expect(await page.getByRole('button', { name: CLEAN_ALL }).count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 60_000);
});
