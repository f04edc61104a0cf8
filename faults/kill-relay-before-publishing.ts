import { RELAY_TAKES_ROWS } from './kill-relay-before-commit';
import type { Fault } from './rig/fault';
import { killInStatement } from './rig/kill-at';

export const killRelayBeforePublishing: Fault = {
  name: 'kill-relay-before-publishing',
  description: 'kill -9 of the relay, its rows taken and no job in Redis',
  inject: (system) => killInStatement(system, system.workers, RELAY_TAKES_ROWS),
};
