import type { Fault } from './rig/fault';
import { killBeforeCommit } from './rig/kill-at';

export const killRecordersBeforeCommit: Fault = {
  name: 'kill-recorders-before-commit',
  what: 'kill -9 of the workers, views and ends of permits recorded and not committed',
  async strike(system) {
    for (const queue of ['views', 'permits']) {
      await killBeforeCommit(system, system.workers, {
        table: 'outbox',
        change: 'DELETE',
        by: 'ablagh-workers',
        when: `OLD.queue = '${queue}'`,
      });
    }
  },
};
