import type { Fault } from './rig/fault';
import { killAtTable } from './rig/kill-at';

export const killWorkersAfterAnswer: Fault = {
  name: 'kill-workers-after-answer',
  what: 'kill -9 of the workers, the answers on the way to PostgreSQL, which goes on without them',
  strike: (system) => killAtTable(system, system.workers, { table: 'attempts', doing: 'WITH settled AS' }),
};
