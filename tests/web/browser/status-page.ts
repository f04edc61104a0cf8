import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { useBrowser } from '../../support/browser';
import { useDatabase } from '../../support/database';
import { aViewer, type StatusServer, startStatusServer } from '../ops/status-server';

export interface Look {
  page: Page;
  token: string;
  /** The browser's errors, warnings, dialogs and requests to other hosts. */
  problems: string[];
  close(): Promise<void>;
}

/** The status page in a browser, for all tests of a file; each test sets the overview. */
export function useStatusPage() {
  const chromium = useBrowser();
  const contexts: BrowserContext[] = [];
  let server: StatusServer;
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
  });
  afterAll(() => server.close());
  const test = useDatabase();
  beforeAll(async () => {
    server = await startStatusServer(test.db, { intervalMs: 200 });
  });
  return {
    get test() {
      return test;
    },
    get server() {
      return server;
    },
    /** Opens the page as a signed-in viewer. */
    async look(url = server.url, options: BrowserContextOptions = {}): Promise<Look> {
      const { token } = await aViewer(test.db);
      const context = await chromium.browser.newContext(options);
      contexts.push(context);
      await context.addCookies([{ name: 'ablagh-ops', value: token, domain: '127.0.0.1', path: '/ops' }]);
      const page = await context.newPage();
      const problems = collectProblems(page, url);
      await page.goto(`${url}/ops`);
      return { page, token, problems, close: () => context.close() };
    },
  };
}

function collectProblems(page: Page, url: string): string[] {
  const problems: string[] = [];
  page.on('pageerror', ({ message }) => problems.push(message));
  page.on('console', (message) => problems.push(message.text()));
  page.on('dialog', (dialog) => {
    problems.push(dialog.message());
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) problems.push(request.url());
  });
  return problems;
}

/** The text of the page when there is no finding. */
export const ALL_WELL = 'همه چیز روبه‌راه است.';

export const mark = (page: Page) => page.evaluate('window.marked = true');
/** Whether the marked page is still there and was not reloaded. */
export const isMarked = (page: Page) => page.evaluate('window.marked === true');
