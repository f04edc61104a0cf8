import type { Fault } from './rig/fault';
import { killBeforeCommit } from './rig/kill-at';

export const killRecordersBeforeCommit: Fault = {
  name: 'kill-recorders-before-commit',
  what: 'kill -9 of the workers, views, ends of permits, reports and receipts recorded and not committed',
  async strike(system) {
    for (const queue of ['views', 'permits', 'sms-callbacks', 'sms-receipts']) {
      await killBeforeCommit(system, system.workers, {
        table: 'outbox',
        change: 'DELETE',
        by: 'ablagh-workers',
        when: `OLD.queue = '${queue}'`,
        madeDue: queue,
      });
    }
  },
};
