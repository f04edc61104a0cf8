import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

export { useWebApp } from './web-app';

const SYSTEM_CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** It talks to nobody but the pages under test. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-sync',
  '--metrics-recording-only',
  '--no-first-run',
  '--no-default-browser-check',
];

/** One Chromium for all tests of a file: the machine's own if there is one, else the one npm brought. */
export function useBrowser(): { readonly browser: Browser } {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await launchBrowser();
  }, 60_000);
  afterAll(() => browser?.close());
  return {
    get browser() {
      if (!browser) throw new Error('The browser is there only while tests run.');
      return browser;
    },
  };
}

/** Whoever launches it closes it. */
export async function launchBrowser(): Promise<Browser> {
  const installed = process.env.CHROMIUM_PATH ?? SYSTEM_CHROMIUM.find((path) => existsSync(path));
  return chromium.launch({
    executablePath: installed ?? (await broughtByNpm()),
    args: FLAGS,
    // On a machine without a language it would say it speaks one that no real browser does, and uPlot stumbles.
    env: { ...process.env, LANG: 'en_US.UTF-8', LC_ALL: 'en_US.UTF-8' },
    chromiumSandbox: false,
  });
}

async function broughtByNpm(): Promise<string> {
  const { default: packed } = await import('@sparticuz/chromium');
  return packed.executablePath();
}
