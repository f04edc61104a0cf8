import { chartScript } from './charts';
import { liveScript } from './live';

/**
 * What JavaScript adds to `/ops`: the present without a reload, and charts. The page stands without it, and lives
 * without the charts: they come last, so that no fault of theirs stops it under a green light.
 */
export const STATUS_SCRIPT = `'use strict';
(() => {
document.documentElement.classList.add('live');
let drawCharts = () => {};
${[liveScript, chartScript].join('\n')}
})();
`;
