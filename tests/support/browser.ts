import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { type Browser, chromium } from 'playwright-core';

export { useWebApp } from './web-app';

/** Whole browsers, which need three times the processor time of a headless shell for the same pages. */
const SYSTEM_CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Flags that keep the browser from calling any other server than the pages under test. */
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

/** One Chromium for all tests of a file: `CHROMIUM_PATH`, or the headless shell that npm brought. */
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

/** The caller closes it. */
export async function launchBrowser(): Promise<Browser> {
  const { CHROMIUM_PATH } = process.env;
  if (CHROMIUM_PATH) return launch(CHROMIUM_PATH);
  try {
    return await launch(await headlessShell());
  } catch (error) {
    // The shell lacks a library on some machines, where a browser that was installed has all of its own.
    const installed = SYSTEM_CHROMIUM.find((path) => existsSync(path));
    if (!installed) throw error;
    return launch(installed);
  }
}

const launch = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: FLAGS,
    // Without a language of the machine the browser reports one that no real browser has, and uPlot fails on it.
    env: { ...process.env, LANG: 'en_US.UTF-8', LC_ALL: 'en_US.UTF-8' },
    chromiumSandbox: false,
  });

const PACKED_SHELL = join(__dirname, '../../node_modules/@sparticuz/chromium');

/** @returns where the shell is unpacked, once for each version; several processes may do so at a time */
async function headlessShell(): Promise<string> {
  const { version } = await import(`${PACKED_SHELL}/package.json`);
  const path = join(tmpdir(), `ablagh-headless-shell-${version}`);
  if (existsSync(path)) return path;
  const partial = `${path}.${process.pid}`;
  await pipeline(
    createReadStream(join(PACKED_SHELL, 'bin/chromium.br')),
    createBrotliDecompress(),
    createWriteStream(partial, { mode: 0o700 }),
  );
  await rename(partial, path);
  return path;
}
