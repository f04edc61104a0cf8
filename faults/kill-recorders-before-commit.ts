import type { Fault } from './rig/fault';
import { killBeforeCommit } from './rig/kill-at';

export const killRecordersBeforeCommit: Fault = {
  name: 'kill-recorders-before-commit',
  description:
    'kill -9 of the workers, views, ends of permits, reports and receipts recorded and not committed',
  async inject(system) {
    for (const queue of ['views', 'permits', 'sms-callbacks', 'sms-receipts']) {
      await killBeforeCommit(system, system.workers, {
        table: 'outbox',
        change: 'DELETE',
        applicationName: 'ablagh-workers',
        when: `OLD.queue = '${queue}'`,
        queueMadeDue: queue,
      });
    }
  },
};
