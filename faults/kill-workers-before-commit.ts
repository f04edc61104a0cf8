import type { Fault } from './rig/fault';
import { killBeforeCommit } from './rig/kill-at';

export const killWorkersBeforeCommit: Fault = {
  name: 'kill-workers-before-commit',
  description: 'kill -9 of the workers, the answers written and not committed',
  inject: (system) =>
    killBeforeCommit(system, system.workers, {
      table: 'attempts',
      change: 'INSERT',
      applicationName: 'ablagh-workers',
    }),
};
