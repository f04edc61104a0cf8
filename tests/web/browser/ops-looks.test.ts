import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Overview } from '../../../core/monitoring/overview';
import { useBrowser } from '../../support/browser';
import { useDatabase } from '../../support/database';
import { until } from '../../support/until';
import { aBadDay, aGoodDay } from '../ops/overviews';
import { aViewer, type StatusServer, startStatusServer } from '../ops/status-server';
import { SCREENS, type Screen } from './screens';

const chromium = useBrowser();
let server: StatusServer;
afterAll(() => server.close());
const test = useDatabase();
beforeAll(async () => {
  server = await startStatusServer(test.db);
});

/** The folder that SCREENSHOTS=1 writes the picture of the page to. */
const FOLDER = process.env.SCREENSHOTS ? join(__dirname, '../../../docs/screenshots') : null;
/** A long page is cut off at this height. */
const TALLEST = { desktop: 1500, phone: 1800 };

const DAYS: [string, Overview][] = [
  ['ops-status', aGoodDay()],
  ['ops-status-bad-day', aBadDay()],
];

describe.each(Object.keys(SCREENS) as Screen[])('on a %s', (screen) => {
  it.each(DAYS)('%s shows the findings within the first screen', async (name, day) => {
    server.setOverview(day);
    const { token } = await aViewer(test.db);
    const context = await chromium.browser.newContext({ viewport: SCREENS[screen] });
    await context.addCookies([{ name: 'ablagh-ops', value: token, domain: '127.0.0.1', path: '/ops' }]);
    const page = await context.newPage();
    await until(async () => {
      await page.goto(`${server.url}/ops`);
      return (await page.title()).startsWith('(') === day.findings.length > 0;
    });
    await page.locator('.uplot').nth(1).waitFor();
    const { y = 0 } = (await page.locator('#findings').boundingBox()) ?? {};
    expect(y).toBeLessThan(SCREENS[screen].height * 0.6);
    if (FOLDER) {
      const height = Number(await page.evaluate('document.documentElement.scrollHeight'));
      const clip = { x: 0, y: 0, width: SCREENS[screen].width, height: Math.min(height, TALLEST[screen]) };
      mkdirSync(FOLDER, { recursive: true });
      await page.screenshot({ path: join(FOLDER, `${name}-${screen}.png`), clip, fullPage: true });
    }
    await context.close();
  });
});
