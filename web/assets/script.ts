import { copyScript } from './script/copy';
import { countdownScript } from './script/countdown';
import { dialogScript } from './script/dialogs';
import { menuScript } from './script/menus';
import { sendOnceScript } from './script/send-once';
import { tabsScript } from './script/tabs';

/**
 * What JavaScript adds to pages that work without it. Parts mark what they want in the HTML, and `enhance`
 * goes over whatever is shown, also in a window that opens later.
 */
export const SCRIPT = `'use strict';
(() => {
const enhancers = [];
const enhance = (root) => { for (const one of enhancers) one(root); };
${[copyScript, countdownScript, menuScript, tabsScript, dialogScript, sendOnceScript].join('\n')}
enhance(document);
// A page the browser kept may be from before a logout.
addEventListener('pageshow', (event) => {
  if (event.persisted && document.body.dataset.private !== undefined) location.reload();
});
})();
`;
