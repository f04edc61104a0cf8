import { readFileSync } from 'node:fs';

/** Reads a file of this folder from the source tree: tsc copies none to `dist`. `#outbox-assets` stands in package.json. */
const readAsset = (path: string): string => readFileSync(require.resolve(`#outbox-assets/${path}`), 'utf8');

/** The look of the page: fonts of the machine only, light and dark, from 320 px up. */
export const STYLE = readAsset('outbox.css');

/** The script that keeps the page up to date. It stands inside the HTML, so it must not contain `</script>`. */
export const REFRESH_SCRIPT = readAsset('refresh.js');
