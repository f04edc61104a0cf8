import type { Fault } from './rig/fault';
import { killWaitingForTable } from './rig/kill-at';

export const killWorkersAfterAnswer: Fault = {
  name: 'kill-workers-after-answer',
  description: 'kill -9 of the workers, the answers on the way to PostgreSQL, which goes on without them',
  inject: (system) =>
    killWaitingForTable(system, system.workers, { table: 'attempts', statementName: 'settle-alerts' }),
};
