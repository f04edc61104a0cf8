import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { source as axeSource } from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';
import { useBrowser, useWebApp } from '../../support/browser';
import { until } from '../../support/until';
import { anEmployerOf, type Scene, setScene } from './scene';
import { SCREENS, type Screen } from './screens';

const app = useWebApp();
const chromium = useBrowser();

/** The folder that SCREENSHOTS=1 writes the picture of each page to. */
const FOLDER = process.env.SCREENSHOTS ? join(__dirname, '../../../docs/screenshots') : null;
/** A long page is cut off at this height. */
const TALLEST = { desktop: 1050, phone: 1300 };

type Scheme = 'light' | 'dark';
interface Visit {
  page: Page;
  scene: Scene;
  owner: string;
  go(path: string): Promise<unknown>;
  press(name: string): Promise<unknown>;
}

/** Every page by the name of its picture, in the order of a walk through them. */
const PAGES: Record<string, (visit: Visit) => Promise<unknown>> = {
  home: ({ go }) => go('/'),
  inbox: ({ go }) => go('/inbox'),
  'inbox-menu': async ({ page, go }) => {
    await go('/inbox');
    await page.locator('details.menu summary').first().click();
  },
  'inbox-filters': async ({ page, go }) => {
    await go('/inbox?viewed=no&from=1403/13/01');
    await page.getByText('تاریخ را مانند').waitFor();
  },
  'inbox-empty': ({ go }) => go('/inbox?q=هیچ'),
  'notice-window': async ({ page, go }) => {
    await go('/inbox');
    await page.locator('details.menu summary').first().click();
    await page.getByRole('link', { name: 'رویت مکاتبه' }).first().click();
    await page.locator('dialog').waitFor();
  },
  'notice-window-picture': async ({ page }) => {
    await page.getByRole('tab', { name: 'تصویر' }).click();
    await page.waitForLoadState('networkidle');
  },
  notice: ({ go, scene }) => go(`/inbox/${scene.noticeId}`),
  'notice-legacy': ({ go, scene }) => go(`/inbox/${scene.legacyId}`),
  permit: ({ go, scene }) => go(`/inbox/${scene.noticeId}/permit`),
  'permit-faulty': async ({ page, press, go, scene }) => {
    await go(`/inbox/${scene.noticeId}/permit`);
    await page.locator('select').evaluate((select) => select.removeAttribute('required'));
    await press('صدور مجوز استعلام');
  },
  'permit-issued': async ({ page, press }) => {
    await page.locator('select').selectOption('month');
    await press('صدور مجوز استعلام');
  },
  'permit-exists': ({ go, scene }) => go(`/inbox/${scene.noticeId}/permit`),
  inquiry: ({ go }) => go('/inquiry'),
  'inquiry-refused': async ({ page, press, owner }) => {
    await page.fill('[name=bodyName]', 'شهرداری تهران');
    await page.fill('[name=nationalId]', owner);
    await page.fill('[name=passcode]', '۰۰۰');
    await press('استعلام');
  },
  inquired: async ({ page, press, go, scene, owner }) => {
    await go(`/inbox/${scene.noticeId}/permit/issued`);
    const passcode = (await page.locator('[data-copy]').getAttribute('data-copy')) as string;
    await go('/inquiry');
    await page.fill('[name=bodyName]', 'شهرداری تهران');
    await page.fill('[name=nationalId]', owner);
    await page.fill('[name=passcode]', passcode);
    await press('استعلام');
  },
  'permit-revoke': ({ go, scene }) => go(`/inbox/${scene.noticeId}/permit/revoke`),
  'permit-revoked': ({ press }) => press('تایید'),
  'no-permit': ({ go, scene }) => go(`/inbox/${scene.noticeId}/permit/revoke`),
  history: async ({ page, go, scene }) => {
    await go(`/inbox/${scene.noticeId}`);
    await page.getByText('استعلام شد').waitFor();
    await page.getByRole('heading', { name: 'تاریخچه' }).scrollIntoViewIfNeeded();
  },
  missing: ({ go }) => go('/inbox/1'),
  logout: ({ go }) => go('/logout'),
  login: async ({ page, go }) => {
    await page.context().clearCookies();
    await go('/login');
  },
  'login-code': async ({ page, press, owner }) => {
    await page.fill('[name=nationalId]', owner);
    await press('دریافت کد ورود');
  },
};

/** Pages whose picture ends with the window, because the part of interest is on top or scrolled into view. */
const AS_SEEN = new Set(['inbox-menu', 'notice-window', 'notice-window-picture', 'history']);

describe.each<[Screen, Scheme]>([
  ['desktop', 'light'],
  ['phone', 'light'],
  ['desktop', 'dark'],
])('on a %s in %s colours', (screen, colorScheme) => {
  let context: BrowserContext;
  let visit: Visit;

  beforeAll(async () => {
    const owner = await anEmployerOf(app.db);
    const scene = await setScene(app.api, app.db, owner);
    await until(
      async () => (await app.db.query(`SELECT FROM alerts WHERE state = 'queued' LIMIT 1`)).length === 0,
    );
    context = await chromium.browser.newContext({ viewport: SCREENS[screen], colorScheme });
    await context.addCookies([await app.signIn(owner)]);
    const page = await context.newPage();
    const press = async (name: string) =>
      Promise.all([
        page.waitForEvent('load'),
        page.locator('main').getByRole('button', { name, exact: true }).click(),
      ]);
    visit = { page, scene, owner, go: (path) => page.goto(app.url + path), press };
  }, 60_000);
  afterAll(() => context?.close());

  it.each(Object.entries(PAGES))('%s is accessible and as wide as the screen', async (name, open) => {
    const { page } = visit;
    await open(visit);
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
      SCREENS[screen].width,
    );
    if (FOLDER && colorScheme === 'light') await keep(page, name);
  });

  async function keep(page: Page, name: string): Promise<void> {
    const { width } = SCREENS[screen];
    const height = Number(await page.evaluate('document.documentElement.scrollHeight'));
    const clip = { x: 0, y: 0, width, height: Math.min(height, TALLEST[screen]) };
    mkdirSync(FOLDER as string, { recursive: true });
    const path = join(FOLDER as string, `${name}-${screen}.png`);
    await page.screenshot(AS_SEEN.has(name) ? { path } : { path, clip, fullPage: true });
  }
});

describe('every page for an employer', () => {
  it.each([
    ['on 320 pixels', { width: 320, height: 640 }],
    ['at 200 % zoom of a desktop', { width: 640, height: 400 }],
    ['on a tablet', { width: 1030, height: 700 }],
  ])('%s needs no scrolling sideways', async (_, viewport) => {
    const owner = await anEmployerOf(app.db);
    const { noticeId } = await setScene(app.api, app.db, owner);
    const context = await chromium.browser.newContext({ viewport });
    await context.addCookies([await app.signIn(owner)]);
    const page = await context.newPage();
    for (const path of ['/', '/inbox', `/inbox/${noticeId}`, `/inbox/${noticeId}/permit`, '/inquiry']) {
      await page.goto(app.url + path);
      const width = await page.evaluate('document.documentElement.scrollWidth');
      expect([path, width]).toEqual([path, viewport.width]);
    }
    await context.close();
  });

  it('can be used with the keyboard alone: the menu, the dialog, and back', async () => {
    const owner = await anEmployerOf(app.db);
    await setScene(app.api, app.db, owner);
    const context = await chromium.browser.newContext();
    await context.addCookies([await app.signIn(owner)]);
    const page = await context.newPage();
    const focused = () => page.locator(':focus');
    await page.goto(`${app.url}/inbox`);
    await page.keyboard.press('Tab');
    expect(await focused().textContent()).toContain('رفتن به متن صفحه');
    await page.locator('details.menu summary').first().focus();
    await page.keyboard.press('Enter');
    for (const action of ['رویت مکاتبه', 'اتصال به ایران پوشه', 'صدور مجوز استعلام']) {
      await page.keyboard.press('Tab');
      expect(await focused().textContent()).toContain(action);
    }
    await page.keyboard.press('Enter');
    await page.locator('dialog').waitFor();
    expect(await page.locator('dialog :focus').count()).toBe(1);
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(await focused().textContent()).toContain('عملیات');
    await context.close();
  });

  it('is small: the first page and all it loads weigh less than 100 kB', async () => {
    const context = await chromium.browser.newContext();
    const page = await context.newPage();
    const sizes: number[] = [];
    page.on('response', async (response) => {
      sizes.push((await response.body()).length);
    });
    await page.goto(app.url, { waitUntil: 'networkidle' });
    await until(() => sizes.length >= 4);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(100_000);
    await context.close();
  });
});

/** Returns axe-core's violations. Frames are left out, because they hold foreign content. */
async function violations(page: Page): Promise<unknown[]> {
  await page.evaluate(axeSource);
  const [passed, found] = await page.evaluate<[number, unknown[]]>(
    `axe.run(document, { iframes: false }).then(({ passes, violations }) => [passes.length,
       violations.map(({ id, nodes }) => [id, ...nodes.map(({ html, failureSummary }) => html.slice(0, 300) + failureSummary)])])`,
  );
  expect(passed).toBeGreaterThan(15);
  return found;
}
