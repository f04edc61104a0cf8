import { readFileSync } from 'node:fs';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { useBrowser, useWebApp } from '../../support/browser';
import { nationalId, registerEmployer } from '../../support/fixtures';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const chromium = useBrowser();
const app = useWebApp();
let serial = 4_000;

/** Checks that axe finds no violation and that nothing is wider than the screen. */
async function inspect(page: Page): Promise<void> {
  await page.evaluate(AXE);
  const violations = await page.evaluate(
    'axe.run().then(({ violations }) => violations.map(({ id }) => id))',
  );
  expect([page.url(), violations]).toEqual([page.url(), []]);
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
}

const DESKTOP: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };
const PHONE: BrowserContextOptions = { viewport: { width: 360, height: 740 }, hasTouch: true };
const WALKS: [string, boolean, BrowserContextOptions][] = [
  ['a desktop with JavaScript', true, DESKTOP],
  ['a desktop without JavaScript', false, DESKTOP],
  ['a desktop in the dark', true, { ...DESKTOP, colorScheme: 'dark' }],
  ['a phone with JavaScript', true, PHONE],
  ['a phone without JavaScript', false, PHONE],
  ['a small phone in the dark', true, { viewport: { width: 320, height: 568 }, colorScheme: 'dark' }],
];

describe('the login', () => {
  it.each(WALKS)(
    'leads from the first page to the inbox and out again on %s',
    async (_name, js, screen) => {
      serial += 1;
      const id = nationalId(serial);
      const mobile = `0912${String(serial).padStart(7, '0')}`;
      await registerEmployer(app.db, { nationalId: id, mobile });
      // Without JavaScript axe cannot run, and the HTML is the same.
      const context = await chromium.browser.newContext({ ...screen, javaScriptEnabled: js, bypassCSP: js });
      const page = await context.newPage();
      const look = () => (js ? inspect(page) : Promise.resolve());
      const errors: string[] = [];
      page.on('pageerror', ({ message }) => errors.push(message));

      await page.goto(app.url);
      await look();
      await page.getByRole('link', { name: 'مشاهده مکاتبات و ابلاغ های انجام شده توسط سازمان' }).click();
      await page.waitForURL(/\/login\?next=%2Finbox$/);
      await look();
      await page.getByLabel('کد ملی یا شناسه ملی').fill('0499370898');
      await page.getByRole('button', { name: 'دریافت کد ورود' }).click();
      await page.getByText('این عدد کد ملی یا شناسه ملی درستی نیست').waitFor();
      await look();
      await page.getByLabel('کد ملی یا شناسه ملی').fill(id);
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/login\/code/);
      await look();
      const again = page.getByRole('button', { name: 'فرستادن دوباره کد' });
      expect(await again.isVisible()).toBe(!js);
      const code = await app.loginCode(mobile);
      await page.getByLabel('کد شش‌رقمی پیامک').fill(code === '000000' ? '111111' : '000000');
      await page.keyboard.press('Enter');
      await page.getByText('۴ بار دیگر').waitFor();
      await look();
      await page.getByLabel('کد شش‌رقمی پیامک').fill(code);
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/inbox$/);
      await look();

      await page.getByRole('button', { name: 'خروج' }).click();
      await page.getByText('از سامانه خارج شدید').waitFor();
      await look();
      await page.goBack();
      await page.waitForURL(/\/login/);
      expect(await page.getByText('شرکت نمونه').count()).toBe(0);
      expect(errors).toEqual([]);
      await context.close();
    },
    60_000,
  );
});

describe('the keyboard', () => {
  it('reaches the skip link first, with a visible focus', async () => {
    const context = await chromium.browser.newContext();
    const page = await context.newPage();
    await page.goto(app.url);
    await page.keyboard.press('Tab');
    const skip = page.getByRole('link', { name: 'رفتن به متن صفحه' });
    expect(await skip.evaluate((link) => link === link.ownerDocument.activeElement)).toBe(true);
    expect((await skip.boundingBox())?.y).toBeGreaterThanOrEqual(0);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus');
    expect(await focused.textContent()).toContain('مشاهده مکاتبات');
    expect(await focused.evaluate((link) => getComputedStyle(link).outlineStyle)).toBe('solid');
    await context.close();
  });

  it('shows everything at twice the size on the smallest screen', async () => {
    const context = await chromium.browser.newContext({
      viewport: { width: 320, height: 568 },
      bypassCSP: true,
    });
    const page = await context.newPage();
    for (const path of ['/', '/login']) {
      await page.goto(app.url + path);
      await page.addStyleTag({ content: 'html { font-size: 200% }' });
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    }
    await context.close();
  });
});
