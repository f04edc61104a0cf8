import type { BrowserContext, Locator, Page } from 'playwright-core';
import { toPersianDigits } from '../../../core/text/normalise';
import { useBrowser, useWebApp } from '../../support/browser';
import { until } from '../../support/until';
import { anEmployerOf, mobileOf, type Scene, setScene } from './scene';
import { SCREENS, type Screen } from './screens';

const app = useWebApp();
const chromium = useBrowser();

const isLoaded = (picture: Locator): Promise<boolean> =>
  picture.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth === 560);

describe.each<[Screen, boolean]>([
  ['desktop', true],
  ['desktop', false],
  ['phone', true],
  ['phone', false],
])('an employer on a %s, JavaScript: %s', (screen, javaScriptEnabled) => {
  let owner: string;
  let scene: Scene;
  let context: BrowserContext;
  let page: Page;
  const errors: string[] = [];
  const remote: string[] = [];

  beforeAll(async () => {
    owner = await anEmployerOf(app.db);
    scene = await setScene(app.api, app.db, owner);
    context = await chromium.browser.newContext({
      viewport: SCREENS[screen],
      javaScriptEnabled,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    page = await context.newPage();
    page.on('pageerror', ({ message }) => errors.push(message));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    page.on('request', (request) => {
      // The browser's own PDF viewer loads from addresses of its own.
      if (/^https?:/.test(request.url()) && !request.url().startsWith(app.url)) remote.push(request.url());
    });
  }, 60_000);
  afterAll(() => context?.close());

  const text = () => page.locator('main').textContent();
  const rowOf = (id: string) =>
    page.locator('tbody tr').filter({ has: page.locator(`a[href="/inbox/${id}"]`) });
  const choose = async (action: string, id = scene.noticeId) => {
    await page.goto(`${app.url}/inbox`);
    await rowOf(id).locator('summary').click();
    await rowOf(id).getByRole('link', { name: action }).click();
  };
  /** Returns the dialog that opened; without JavaScript it is a page. */
  const window = () => page.locator(javaScriptEnabled ? 'dialog' : 'main');
  let passcode = '';

  it('signs in from the home page, with the code of the SMS', async () => {
    await page.goto(app.url);
    await page.getByRole('link', { name: 'مشاهده مکاتبات و ابلاغ های انجام شده توسط سازمان' }).click();
    await page.fill('[name=nationalId]', toPersianDigits(owner));
    await page.getByRole('button', { name: 'دریافت کد ورود' }).click();
    await page.waitForURL('**/login/code*');
    await page.fill('[name=code]', await app.loginCode(await mobileOf(app.db, owner)));
    await page.getByRole('button', { name: 'ورود', exact: true }).click();
    await page.waitForURL('**/inbox');
    expect(await page.title()).toMatch(/^\(۸\) صندوق مکاتبات/);
    expect(await text()).toContain('مکاتبات انجام شده توسط سازمان');
    expect(await page.locator('tbody tr').count()).toBe(10);
  });

  it('sees the whole list on the screen, and its older page', async () => {
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
      SCREENS[screen].width,
    );
    await page.getByRole('link', { name: 'قدیمی‌ترها' }).click();
    expect(await page.locator('tbody tr').count()).toBe(2);
    await page.getByRole('link', { name: 'جدیدترها' }).click();
    expect(await page.locator('tbody tr').count()).toBe(10);
  });

  it('finds a notice by its system', async () => {
    await page.fill('[name=q]', 'دفاتر قانونی');
    await page.getByRole('button', { name: 'جستجو' }).click();
    await page.waitForURL('**q=*');
    expect(await page.locator('tbody tr').count()).toBe(1);
  });

  it('views a notice, its text, PDF and picture, and the view is recorded', async () => {
    const pdf = page.waitForResponse((response) => response.headers()['content-type'] === 'application/pdf');
    await choose('رویت مکاتبه');
    await window().getByRole('heading', { name: 'رویت مکاتبه' }).waitFor();
    const tab = async (name: string) => {
      if (javaScriptEnabled) await window().getByRole('tab', { name }).click();
    };
    expect(await window().locator('.letter').textContent()).toContain(
      'فرم شماره ۱ در صندوق مکاتبات شما ثبت شد',
    );
    await tab('فایل PDF');
    await window().locator('iframe').scrollIntoViewIfNeeded();
    expect((await pdf).status()).toBe(200);
    await tab('تصویر');
    const picture = window().locator('img.picture');
    await picture.scrollIntoViewIfNeeded();
    await until(() => isLoaded(picture));
    await until(async () => (await events()).includes('notice.viewed'));
    expect(await events()).toEqual(expect.arrayContaining(['attachment.opened']));
    await until(async () => {
      const [row] = await app.db.query('SELECT FROM notices WHERE id = $1 AND first_viewed_at IS NOT NULL', [
        scene.noticeId,
      ]);
      return row;
    });
    if (javaScriptEnabled) await Promise.all([page.waitForEvent('load'), page.keyboard.press('Escape')]);
    else await page.goto(`${app.url}/inbox`);
    expect(await rowOf(scene.noticeId).textContent()).toContain('✓');
    expect(await page.title()).toMatch(/^\(۷\)/);
  });

  it('issues a permit for a week and reads its passcode', async () => {
    await choose('صدور مجوز استعلام');
    await window().locator('select').selectOption('week');
    await window().getByRole('button', { name: 'صدور مجوز استعلام' }).click();
    await page.waitForURL('**/permit/issued');
    expect(await text()).toContain('صدور مجوز استعلام با موفقیت انجام شد.');
    passcode = (await page.locator('[data-copy]').getAttribute('data-copy')) as string;
    expect(passcode).toMatch(/^\d{10}$/);
    expect(await text()).toContain(toPersianDigits(passcode));
    if (javaScriptEnabled) {
      await page.getByRole('button', { name: 'رونوشت' }).click();
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(passcode);
    } else {
      expect(await page.getByRole('button', { name: 'رونوشت' }).count()).toBe(0);
    }
    await page.getByRole('link', { name: 'تایید' }).click();
    expect(await rowOf(scene.noticeId).textContent()).toContain(toPersianDigits(passcode));
  });

  it('lets a government body see the notice by the passcode, and reads its name', async () => {
    const office = await chromium.browser.newContext({ viewport: SCREENS[screen], javaScriptEnabled });
    const panel = await office.newPage();
    await panel.goto(app.url);
    await panel.getByRole('link', { name: 'پنل مخصوص دستگاههای دولتی و مرجع استعلامات رسمی' }).click();
    await inquire(panel, toPersianDigits(passcode));
    await panel.getByRole('heading', { name: 'نتیجه استعلام' }).waitFor();
    expect(await panel.locator('main').textContent()).toContain('فرم شماره ۱');
    if (javaScriptEnabled) await panel.getByRole('tab', { name: 'تصویر' }).click();
    const picture = panel.locator('img.picture');
    await picture.scrollIntoViewIfNeeded();
    await until(() => isLoaded(picture));
    await office.close();
    await page.goto(`${app.url}/inbox/${scene.noticeId}`);
    expect(await text()).toContain('استعلام شد: شهرداری تهران');
  });

  it('revokes the permit, and the passcode opens nothing any more', async () => {
    await choose('لغو مجوز استعلام');
    expect(await window().textContent()).toContain('آیا از لغو مجوز اطمینان دارید؟');
    await window().getByRole('button', { name: 'تایید' }).click();
    await page.waitForURL('**/permit/revoked');
    expect(await text()).toContain('لغو مجوز استعلام با موفقیت انجام شد.');
    await page.getByRole('link', { name: 'تایید' }).click();
    expect(await rowOf(scene.noticeId).textContent()).toContain('ندارد');
    await rowOf(scene.noticeId).locator('summary').click();
    expect(await rowOf(scene.noticeId).getByRole('link', { name: 'صدور مجوز استعلام' }).count()).toBe(1);
    expect(await rowOf(scene.noticeId).getByRole('link', { name: 'لغو مجوز استعلام' }).count()).toBe(0);

    const office = await chromium.browser.newContext({ javaScriptEnabled });
    const panel = await office.newPage();
    await panel.goto(`${app.url}/inquiry`);
    await inquire(panel, passcode);
    await panel.getByText('با این کد ملی و کد رمز مجوز استعلام معتبری وجود ندارد.').waitFor();
    await office.close();
  });

  it('signs out, and the back button shows nothing', async () => {
    await page.goto(`${app.url}/inbox`);
    await page.getByRole('button', { name: 'خروج' }).click();
    await page.waitForURL('**/login?*');
    await page.goBack();
    await page.waitForURL('**/login?next=*');
    expect(await page.content()).not.toContain('مکاتبات انجام شده توسط سازمان');
  });

  it('met no errors, and loaded nothing from elsewhere', () => {
    expect(errors).toEqual([]);
    expect(remote).toEqual([]);
  });

  async function inquire(panel: Page, code: string): Promise<void> {
    await panel.fill('[name=bodyName]', 'شهرداری تهران');
    await panel.fill('[name=nationalId]', owner);
    await panel.fill('[name=passcode]', code);
    await panel.getByRole('button', { name: 'استعلام' }).click();
  }

  const events = async () =>
    (
      await app.db.query<{ type: string }>('SELECT type FROM events WHERE notice_id = $1 ORDER BY seq', [
        scene.noticeId,
      ])
    ).map(({ type }) => type);
});
