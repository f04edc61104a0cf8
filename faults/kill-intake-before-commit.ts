import type { Fault } from './rig/fault';
import { killBeforeCommit } from './rig/kill-at';

export const killIntakeBeforeCommit: Fault = {
  name: 'kill-intake-before-commit',
  what: 'kill -9 of the workers, notices from the queue written and not committed',
  strike: (system) =>
    killBeforeCommit(system, system.workers, { table: 'notices', change: 'INSERT', by: 'ablagh-workers' }),
};
