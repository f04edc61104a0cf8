import type { Fault } from './rig/fault';
import { killBeforeCommit } from './rig/kill-at';

export const killApiBeforeCommit: Fault = {
  name: 'kill-api-before-commit',
  what: 'kill -9 of the API, its notices written and not committed',
  strike: (system) =>
    killBeforeCommit(system, system.apis, { table: 'notices', change: 'INSERT', by: 'ablagh-api' }),
};
