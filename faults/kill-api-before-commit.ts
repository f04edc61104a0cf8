import type { Fault } from './rig/fault';
import { killBeforeCommit } from './rig/kill-at';

export const killApiBeforeCommit: Fault = {
  name: 'kill-api-before-commit',
  description: 'kill -9 of the API, its notices written and not committed',
  inject: (system) =>
    killBeforeCommit(system, system.apis, {
      table: 'notices',
      change: 'INSERT',
      applicationName: 'ablagh-api',
    }),
};
