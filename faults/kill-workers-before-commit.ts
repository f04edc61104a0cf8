import type { Fault } from './rig/fault';
import { killBeforeCommit } from './rig/kill-at';

export const killWorkersBeforeCommit: Fault = {
  name: 'kill-workers-before-commit',
  what: 'kill -9 of the workers, the answers written and not committed',
  strike: (system) =>
    killBeforeCommit(system, system.workers, { table: 'attempts', change: 'INSERT', by: 'ablagh-workers' }),
};
