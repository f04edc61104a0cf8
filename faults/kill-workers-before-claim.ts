import type { Fault } from './rig/fault';
import { killAtTable } from './rig/kill-at';

export const killWorkersBeforeClaim: Fault = {
  name: 'kill-workers-before-claim',
  what: 'kill -9 of the workers, their jobs taken and nothing claimed',
  strike: (system) =>
    killAtTable(system, system.workers, { table: 'alerts', doing: `SET state = 'sending'`, orphan: 'ends' }),
};
