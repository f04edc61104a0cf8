import { chartScript } from './charts';
import { liveScript } from './live';

/** What JavaScript adds to `/ops`: charts, and the present without a reload. The page stands without it. */
export const STATUS_SCRIPT = `'use strict';
(() => {
document.documentElement.classList.add('live');
${[chartScript, liveScript].join('\n')}
})();
`;
