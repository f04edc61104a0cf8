import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ICON } from './icon';
import { SCRIPT } from './script';
import { STATUS_SCRIPT } from './status/script';
import { statusStyle } from './status/style';
import { styleWith } from './style';

/** An address that names its content: what is behind it never changes, so browsers may keep it for ever. */
const hashedUrl = (name: string, extension: string, content: string | Buffer): string =>
  `/assets/${name}-${createHash('sha256').update(content).digest('hex').slice(0, 16)}.${extension}`;

/** The letters of Persian, every weight in one file, without the Latin ones every machine has. */
const FONT = readFileSync(
  require.resolve('vazirmatn/misc/Non-Latin/fonts/webfonts/Vazirmatn-NL[wght].woff2'),
);
export const FONT_URL = hashedUrl('vazirmatn', 'woff2', FONT);

const STYLE = styleWith(FONT_URL);
export const STYLE_URL = hashedUrl('ablagh', 'css', STYLE);
export const SCRIPT_URL = hashedUrl('ablagh', 'js', SCRIPT);

export const ICON_URL = hashedUrl('ablagh', 'svg', ICON);

/** Of the operators' status page only: uPlot draws its charts. */
const UPLOT = readFileSync(require.resolve('uplot/dist/uPlot.iife.min.js'));
const UPLOT_URL = hashedUrl('uplot', 'js', UPLOT);
const STATUS_SCRIPT_URL = hashedUrl('status', 'js', STATUS_SCRIPT);
export const STATUS_SCRIPT_URLS = [UPLOT_URL, STATUS_SCRIPT_URL];
const STATUS_STYLE = readFileSync(require.resolve('uplot/dist/uPlot.min.css'), 'utf8') + statusStyle;
export const STATUS_STYLE_URL = hashedUrl('status', 'css', STATUS_STYLE);

/** Everything the pages load, by its address. */
export const ASSETS: ReadonlyMap<string, { type: string; content: string | Buffer }> = new Map([
  [FONT_URL, { type: 'font/woff2', content: FONT }],
  [STYLE_URL, { type: 'text/css; charset=utf-8', content: STYLE }],
  [SCRIPT_URL, { type: 'text/javascript; charset=utf-8', content: SCRIPT }],
  [ICON_URL, { type: 'image/svg+xml', content: ICON }],
  [UPLOT_URL, { type: 'text/javascript; charset=utf-8', content: UPLOT }],
  [STATUS_SCRIPT_URL, { type: 'text/javascript; charset=utf-8', content: STATUS_SCRIPT }],
  [STATUS_STYLE_URL, { type: 'text/css; charset=utf-8', content: STATUS_STYLE }],
]);
