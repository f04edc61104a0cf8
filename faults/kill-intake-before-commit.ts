import type { Fault } from './rig/fault';
import { killBeforeCommit } from './rig/kill-at';

export const killIntakeBeforeCommit: Fault = {
  name: 'kill-intake-before-commit',
  description: 'kill -9 of the workers, notices from the queue written and not committed',
  inject: (system) =>
    killBeforeCommit(system, system.workers, {
      table: 'notices',
      change: 'INSERT',
      applicationName: 'ablagh-workers',
    }),
};
