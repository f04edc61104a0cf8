import { source as axeSource } from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';
import { createOperators } from '../../../core/operators/operators';
import { toPersianDigits } from '../../../core/text/normalise';
import { useBrowser, useWebApp } from '../../support/browser';
import { addSource, aNotice, nationalId, registerEmployer } from '../../support/fixtures';
import { acceptAll } from '../../support/inbox';
import { startOperatorSession } from '../../support/operator';
import { until } from '../../support/until';
import { SCREENS, type Screen } from './screens';

const app = useWebApp();
const chromium = useBrowser();
let serial = 860_000;

/** A mobile that the provider rejects and a mailbox that breaks the connection: both alerts end badly. */
async function aDeadNotice() {
  serial += 1;
  const own = nationalId(serial);
  const email = `drop@e${serial}.example`;
  await registerEmployer(app.db, { nationalId: own, name: 'مریم نمونه‌پور', mobile: '09990000411', email });
  const { caller } = await addSource(app.db);
  const [id] = await acceptAll(app.db, caller, [aNotice({ recipient: { nationalId: own } })]);
  await until(
    async () =>
      (
        await app.db.query(
          `SELECT FROM alerts a JOIN dead_alerts d ON d.alert_id = a.id WHERE a.notice_id = $1`,
          [id],
        )
      ).length === 2,
    { timeout: 30_000, what: 'both alerts to end badly' },
  );
  return { id: id as string, nationalId: own, email, source: caller.sourceCode };
}

describe.each<[Screen, boolean, 'light' | 'dark']>([
  ['desktop', true, 'light'],
  ['desktop', false, 'dark'],
  ['phone', true, 'dark'],
  ['phone', false, 'light'],
])('an operator on a %s, JavaScript: %s, in %s colours', (screen, javaScriptEnabled, colorScheme) => {
  let notice: Awaited<ReturnType<typeof aDeadNotice>>;
  let context: BrowserContext;
  let page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    notice = await aDeadNotice();
    const { name } = await createOperators(app.db).add(`walker-${serial}`, 'operator');
    context = await chromium.browser.newContext({
      viewport: SCREENS[screen],
      colorScheme,
      javaScriptEnabled,
      bypassCSP: javaScriptEnabled,
    });
    const token = await startOperatorSession(app.db, name);
    await context.addCookies([{ name: 'ablagh-ops', value: token, url: `${app.url}/ops` }]);
    page = await context.newPage();
    page.on('pageerror', ({ message }) => errors.push(message));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  }, 60_000);
  afterAll(() => context?.close());

  const text = async () => (await page.locator('main').textContent())?.replace(/\s+/g, ' ');

  /** Checks that axe finds no violation and that nothing is wider than the screen. Without JavaScript axe cannot run, and the HTML is the same. */
  async function inspect(): Promise<void> {
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
      SCREENS[screen].width,
    );
    if (!javaScriptEnabled) return;
    await page.evaluate(axeSource);
    const found = await page.evaluate(
      `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html.slice(0, 200)]))`,
    );
    expect([page.url(), found]).toEqual([page.url(), []]);
  }

  async function give(reason: string, button: string): Promise<void> {
    await inspect();
    await page.getByLabel('دلیل').fill(reason);
    await page.locator('main').getByRole('button', { name: button }).click();
    await page.waitForURL('**?done=*');
    await inspect();
  }

  it('reads causes and remedies in the dead letters', async () => {
    await page.goto(`${app.url}/ops/dead-letters`);
    await inspect();
    expect(await text()).toContain('شماره گیرنده درست نیست');
    await page.locator('a[href="/ops/dead-letters/alerts/sms/failed/411"]').click();
    await inspect();
    await page.locator(`a[href="/ops/notices/${notice.id}"]`).click();
    expect(await text()).toContain('شماره گیرنده درست نیست');
    expect(await text()).not.toContain('the receptor is not valid');
    expect(await text()).toContain('م. ن.');
    await inspect();
  });

  it('finds the notice by the national ID, which appears in no URL', async () => {
    await page.getByRole('link', { name: 'جستجو' }).click();
    await inspect();
    const [field, button] = await Promise.all(
      [page.getByLabel('چه چیزی را می‌جویید؟'), page.locator('main button')].map((part) => part.boundingBox()),
    );
    const below = (field?.y ?? 0) + (field?.height ?? 0);
    if (screen === 'desktop') expect((button?.x ?? 0) + (button?.width ?? 0)).toBeLessThan(field?.x ?? 0);
    else expect(button?.y).toBeGreaterThan(below + 4);
    await page.getByLabel('چه چیزی را می‌جویید؟').fill(toPersianDigits(notice.nationalId));
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/ops/notices/${notice.id}`);
    expect(await page.content()).not.toContain(notice.nationalId);
  });

  it('sees the personal data once, for a reason', async () => {
    await page.getByRole('link', { name: 'آشکار کردن داده شخصی' }).click();
    await inspect();
    await page.getByLabel('دلیل').fill('تماس کارفرما');
    await page.locator('main').getByRole('button', { name: 'آشکار کردن داده شخصی' }).click();
    await page.getByText('مریم نمونه‌پور', { exact: true }).waitFor();
    expect(await text()).toContain(toPersianDigits(notice.nationalId));
    await inspect();
    await page.goto(`${app.url}/ops/notices/${notice.id}`);
    expect(await text()).not.toContain('مریم نمونه‌پور');
    expect(await text()).toContain('تماس کارفرما');
  });

  it('decides on the email with unknown outcome, and resends the failed SMS', async () => {
    await page.getByRole('link', { name: 'به حساب آوردن به عنوان ارسال‌شده' }).click();
    await give('سرور ایمیل تأیید کرد', 'به حساب آوردن به عنوان ارسال‌شده');
    expect(await text()).toContain('انجام شد و ثبت شد');
    expect(await text()).toContain('به تصمیم راهبر');
    await app.db.query(
      `UPDATE alerts SET address = '+989121110099' WHERE notice_id = $1 AND channel = 'sms'`,
      [notice.id],
    );
    const before = app.sms.messages().filter(({ receptor }) => receptor === '09121110099').length;
    await page.getByRole('link', { name: 'ارسال دوباره' }).click();
    await give('شماره درست شد', 'ارسال دوباره');
    await until(async () => {
      const [row] = await app.db.query<{ state: string }>(
        `SELECT state FROM alerts WHERE notice_id = $1 AND channel = 'sms'`,
        [notice.id],
      );
      return row?.state === 'sent' || row?.state === 'delivered';
    });
    expect(app.sms.messages().filter(({ receptor }) => receptor === '09121110099')).toHaveLength(before + 1);
    await page.reload();
    expect(await text()).toContain('ارائه‌دهنده پذیرفت');
  });

  it('pauses a lane, cancels its waiting alerts, and resumes it', async () => {
    await page.getByRole('link', { name: 'هدایت' }).click();
    await inspect();
    await page.locator('a[href="/ops/steering/lanes/sms/bulk/pause"]').click();
    await give('متن اشتباه است', 'نگه داشتن ارسال');
    expect(await text()).toContain('متن اشتباه است');
    const { caller } = await addSource(app.db);
    await registerEmployer(app.db, { nationalId: nationalId(serial + 5_000), email: null });
    const [held] = await acceptAll(app.db, caller, [
      aNotice({ priority: 'bulk', recipient: { nationalId: nationalId(serial + 5_000) } }),
    ]);
    await page.goto(`${app.url}/ops/steering/sources/${caller.sourceCode}/cancel`);
    expect(await text()).toContain('۱ هشدار که هنوز فرستاده نشده است');
    await give('به درخواست سامانه', 'لغو ارسال‌نشده‌ها');
    await page.locator('a[href="/ops/steering/lanes/sms/bulk/resume"]').click();
    await give('متن درست شد', 'از سر گرفتن ارسال');
    await page.goto(`${app.url}/ops/notices/${held}`);
    expect(await text()).toContain('لغو شد');
    await inspect();
  });

  it('meets no errors', () => {
    expect(errors).toEqual([]);
  });
});
