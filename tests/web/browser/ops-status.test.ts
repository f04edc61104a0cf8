import type { BrowserContextOptions, Page } from 'playwright-core';
import { until } from '../../support/until';
import { aBadDay, aGoodDay, ago } from '../ops/overviews';
import { startStatusServer } from '../ops/status-server';
import { ALL_WELL, isMarked, mark, useStatusPage } from './status-page';
import { violations } from './violations';

const status = useStatusPage();
const findings = (page: Page) => page.locator('#findings').textContent();

describe('while it is open', () => {
  it('the page shows a finding and its end by itself, on top and in its title', async () => {
    status.server.setOverview(aGoodDay());
    const { page, problems } = await status.look();
    await mark(page);
    expect(await findings(page)).toBe(ALL_WELL);
    status.server.setOverview(aBadDay({ at: ago(-5) }));
    await page.getByRole('heading', { name: 'موقتاً بسته است' }).waitFor();
    expect(await page.title()).toMatch(/^\(۵\) وضعیت \| میز راهبری/);
    expect(await page.locator('#pulse time').textContent()).toBe('۱۴:۰۵:۲۵');
    expect(await page.locator('#pauses').isVisible()).toBe(true);
    status.server.setOverview(aGoodDay({ at: ago(-9) }));
    await page.getByText(ALL_WELL).waitFor();
    expect(await page.title()).toMatch(/^وضعیت \|/);
    expect(await page.locator('#pauses').isVisible()).toBe(false);
    expect(await isMarked(page)).toBe(true);
    expect(problems).toEqual([]);
  });

  it('focus, selection and the chosen lane stay', async () => {
    status.server.setOverview(aBadDay());
    const { page, problems } = await status.look();
    await page.locator('#findings a').first().focus();
    await page.getByLabel('فوری', { exact: true }).check();
    await page.locator('#findings a').first().focus();
    await page.evaluate('getSelection().selectAllChildren(document.querySelector("#lines h3"))');
    status.server.setOverview(aBadDay({ at: ago(-60), deadLetters: 149 }));
    await page.getByText('۱۴۹', { exact: true }).waitFor();
    expect(await page.locator(':focus').textContent()).toBe('هدایت');
    expect(await page.evaluate('String(getSelection())')).toContain('kavenegar');
    expect(await page.getByLabel('فوری', { exact: true }).isChecked()).toBe(true);
    expect(await page.locator('.uplot').count()).toBe(4);
    expect(problems).toEqual([]);
  });

  it('only findings are announced to screen readers, politely', async () => {
    status.server.setOverview(aBadDay());
    const { page } = await status.look();
    const live = page.locator('[aria-live], [role=status], [role=alert], [role=log]');
    expect(await live.evaluateAll((parts) => parts.map(({ id, ariaLive }) => [id, ariaLive]))).toEqual([
      ['away', null],
      ['findings', 'polite'],
    ]);
  });

  it('HTML in a reason is shown as text', async () => {
    const reason = '<script>alert(1)</script>"><img src=x onerror=alert(2)>';
    status.server.setOverview(aGoodDay());
    const { page, problems } = await status.look();
    const [line] = aGoodDay().lines;
    if (line)
      status.server.setOverview(aGoodDay({ lines: [{ ...line, state: 'closed', code: '499', reason }] }));
    await page.locator('#findings').getByText(reason).waitFor();
    await page.locator('#lines').getByText(reason).waitFor();
    await page.reload();
    await page.locator('#findings').getByText(reason).waitFor();
    expect(await page.locator('main img, main script').count()).toBe(0);
    expect(problems).toEqual([]);
  });
});

describe('the charts', () => {
  /** Takes a picture of a chart. */
  const drawn = (page: Page, place: number) =>
    page
      .locator('.uplot canvas')
      .nth(place)
      .evaluate((canvas) => (canvas as unknown as { toDataURL(): string }).toDataURL());

  it('are drawn, and follow the chosen lane and the width of the window', async () => {
    // This server reads so seldom that no new reading causes a drawing.
    const slow = await startStatusServer(status.test.db, { intervalMs: 60_000 });
    const { page, problems, close } = await status.look(slow.url);
    const all = await drawn(page, 0);
    // The picture of an empty chart is a hundred times smaller.
    for (const place of [0, 1, 2, 3]) expect((await drawn(page, place)).length).toBeGreaterThan(5_000);
    await page.getByLabel('همه', { exact: true }).focus();
    await page.keyboard.press('ArrowLeft');
    expect(await page.getByLabel('فوری', { exact: true }).isChecked()).toBe(true);
    await until(async () => (await drawn(page, 0)) !== all);
    const width = () =>
      page
        .locator('.uplot')
        .first()
        .evaluate(({ clientWidth }) => clientWidth);
    const before = await width();
    await page.setViewportSize({ width: 700, height: 800 });
    await until(async () => (await width()) !== before);
    expect(problems).toEqual([]);
    await close();
    await slow.close();
  });

  it('show the values under the pointer in Persian digits and Tehran time', async () => {
    status.server.setOverview(aGoodDay());
    const { page } = await status.look();
    await page.locator('.u-over').first().hover();
    const legend = page.locator('.u-legend').first();
    await until(async () =>
      /^ساعت۱۳:[۰-۹]{2}پذیرفته[۰-۹٬]+فرستاده[۰-۹٬]+/.test((await legend.textContent()) ?? ''),
    );
  });

  it('show the handover times minute by minute, and the share within ten seconds', async () => {
    status.server.setOverview(aGoodDay());
    const { page } = await status.look();
    const charts = page.locator('#handover');
    await charts.locator('.u-over').first().hover();
    const legends = charts.locator('.u-legend');
    await until(async () =>
      /میانه[۰-۹٫]+صدک ۹۵[۰-۹٫]+صدک ۹۹[۰-۹٫]+$/.test((await legends.first().textContent()) ?? ''),
    );
    // Both charts follow the same pointer.
    expect(await legends.last().textContent()).toMatch(/تا ۱۰ ثانیه۹[۸۹](٫[۰-۹])?٪$/);
  });

  it('may fail: then the page has sparklines and goes on showing the present', async () => {
    status.server.setOverview(aGoodDay());
    const { page, close } = await status.look();
    await page.route('**/assets/uplot-*', (route) => route.abort());
    await page.reload();
    expect(await page.locator('.spark:visible').count()).toBe(5);
    expect(await page.locator('fieldset:visible, .charts:visible').count()).toBe(0);
    status.server.setOverview(aBadDay({ at: ago(-5) }));
    await page.getByRole('heading', { name: 'موقتاً بسته است' }).waitFor();
    expect(await page.locator('.spark:visible').count()).toBe(5);
    await close();
  });

  it('distinguish their curves by dashes, not by colour alone', async () => {
    status.server.setOverview(aGoodDay());
    const { page } = await status.look();
    for (const [chart, lines] of [
      [0, 3],
      [1, 2],
      [2, 3],
    ] as const) {
      const markers = page.locator('.u-legend').nth(chart).locator('.u-marker');
      const styles = await markers.evaluateAll((all) =>
        all.map((one) => getComputedStyle(one).borderTopStyle).filter((style) => style !== 'none'),
      );
      expect(new Set(styles.slice(-lines)).size).toBe(lines);
    }
  });
});

describe('accessibility', () => {
  const DESKTOP = { viewport: { width: 1280, height: 800 } };
  it.each<[string, BrowserContextOptions]>([
    ['on a desktop', DESKTOP],
    ['in the dark', { ...DESKTOP, colorScheme: 'dark' }],
    ['on a phone', { viewport: { width: 360, height: 740 } }],
    ['on the smallest phone', { viewport: { width: 320, height: 640 } }],
    ['at 200 % zoom of a desktop', { viewport: { width: 640, height: 400 } }],
    ['on a tablet', { viewport: { width: 1030, height: 700 } }],
  ])(
    '%s, on a good day and on a bad one',
    async (_, options) => {
      for (const day of [aGoodDay(), aBadDay()]) {
        status.server.setOverview(day);
        const { page } = await status.look(status.server.url, options);
        await until(async () => (await page.locator('.uplot').count()) === 4);
        expect(await violations(page)).toEqual([]);
        const { width } = options.viewport as { width: number };
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      }
    },
    60_000,
  );

  it('works without JavaScript: every figure, sparklines for charts, and no dead controls', async () => {
    status.server.setOverview(aBadDay());
    const { page, problems } = await status.look(status.server.url, { ...DESKTOP, javaScriptEnabled: false });
    expect(await page.locator('.spark:visible').count()).toBe(5);
    expect(await page.locator('fieldset:visible, .charts:visible').count()).toBe(0);
    expect(await page.locator('#findings li').count()).toBe(5);
    status.server.setOverview(aGoodDay());
    await until(async () => {
      await page.getByRole('link', { name: 'تازه کردن' }).click();
      return (await findings(page)) === ALL_WELL;
    });
    expect(problems).toEqual([]);
  });

  it('works with the keyboard: past the header, from a finding to its remedy', async () => {
    status.server.setOverview(aBadDay());
    const { page } = await status.look();
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toContain('رفتن به متن صفحه');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').getAttribute('href')).toBe('/ops/steering');
    expect(await page.locator(':focus').evaluate((link) => getComputedStyle(link).outlineStyle)).toBe(
      'solid',
    );
  });
});
