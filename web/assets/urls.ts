import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A path that names its content by a hash: what stands behind it never changes, so browsers may keep it for ever. */
const hashedUrl = (name: string, extension: string, content: string | Buffer): string =>
  `/assets/${name}-${createHash('sha256').update(content).digest('hex').slice(0, 16)}.${extension}`;

/**
 * Reads a file of this folder from the source tree, also for the code in `dist`: browsers get style sheets and scripts
 * as they are, and tsc copies none. `#web-assets` stands in package.json.
 */
const readAsset = (path: string): string => readFileSync(require.resolve(`#web-assets/${path}`), 'utf8');

const joinStyles = (paths: readonly string[]): string => paths.map(readAsset).join('\n');

/** Each script wraps itself in a function, so scripts can stand one after the other in one file. */
const joinScripts = (paths: readonly string[]): string => `'use strict';\n${paths.map(readAsset).join('\n')}`;

/** The Persian letters of Vazirmatn, every weight in one file, without the Latin letters that every machine has. */
const FONT = readFileSync(
  require.resolve('vazirmatn/misc/Non-Latin/fonts/webfonts/Vazirmatn-NL[wght].woff2'),
);
export const FONT_URL = hashedUrl('vazirmatn', 'woff2', FONT);

/** The look of every page: light and dark, right to left, from 320 px up. Later files may override earlier ones. */
const STYLE = joinStyles([
  'style/base.css',
  'style/layout.css',
  'style/content.css',
  'style/forms.css',
  'style/lists.css',
  'style/overlays.css',
  'style/inbox.css',
  'style/ops.css',
]).replace('vazirmatn.woff2', FONT_URL);
export const STYLE_URL = hashedUrl('ablagh', 'css', STYLE);

/** `enhance.js` comes last, because it starts the scripts before it. */
const SCRIPT = joinScripts([
  'script/copy.js',
  'script/countdown.js',
  'script/menus.js',
  'script/tabs.js',
  'script/dialogs.js',
  'script/send-once.js',
  'script/enhance.js',
]);
export const SCRIPT_URL = hashedUrl('ablagh', 'js', SCRIPT);

const ICON = readAsset('icon.svg');
export const ICON_URL = hashedUrl('ablagh', 'svg', ICON);

/** uPlot draws the charts of the operators' status page; no other page loads it. */
const UPLOT = readFileSync(require.resolve('uplot/dist/uPlot.iife.min.js'));
const UPLOT_URL = hashedUrl('uplot', 'js', UPLOT);
/** `charts.js` comes last: the page goes on being brought up to date even if no chart can be drawn. */
const STATUS_SCRIPT = joinScripts(['status/live.js', 'status/charts.js']);
const STATUS_SCRIPT_URL = hashedUrl('status', 'js', STATUS_SCRIPT);
export const STATUS_SCRIPT_URLS = [UPLOT_URL, STATUS_SCRIPT_URL];
const STATUS_STYLE =
  readFileSync(require.resolve('uplot/dist/uPlot.min.css'), 'utf8') + joinStyles(['status/status.css']);
export const STATUS_STYLE_URL = hashedUrl('status', 'css', STATUS_STYLE);

/** Everything the pages load, by its path. */
export const ASSETS: ReadonlyMap<string, { type: string; content: string | Buffer }> = new Map([
  [FONT_URL, { type: 'font/woff2', content: FONT }],
  [STYLE_URL, { type: 'text/css; charset=utf-8', content: STYLE }],
  [SCRIPT_URL, { type: 'text/javascript; charset=utf-8', content: SCRIPT }],
  [ICON_URL, { type: 'image/svg+xml', content: ICON }],
  [UPLOT_URL, { type: 'text/javascript; charset=utf-8', content: UPLOT }],
  [STATUS_SCRIPT_URL, { type: 'text/javascript; charset=utf-8', content: STATUS_SCRIPT }],
  [STATUS_STYLE_URL, { type: 'text/css; charset=utf-8', content: STATUS_STYLE }],
]);
