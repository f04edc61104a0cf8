import type { Fault } from './rig/fault';
import { killInStatement } from './rig/kill-at';

export const killWorkersBeforeClaim: Fault = {
  name: 'kill-workers-before-claim',
  description: 'kill -9 of the workers, their jobs taken and nothing claimed',
  inject: (system) =>
    killInStatement(system, system.workers, {
      table: 'alerts',
      change: 'UPDATE',
      applicationName: 'ablagh-workers',
      when: `OLD.state = 'queued' AND NEW.state = 'sending'`,
    }),
};
