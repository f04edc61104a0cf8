import type { Fault } from './rig/fault';
import { killBeforeCommit } from './rig/kill-at';

export const killRelayBeforeCommit: Fault = {
  name: 'kill-relay-before-commit',
  what: 'kill -9 of the relay, its jobs in Redis and its rows not committed',
  strike: (system) =>
    killBeforeCommit(system, system.workers, {
      table: 'outbox',
      change: 'UPDATE',
      by: 'ablagh-workers',
      // Nobody else moves only this.
      when: 'OLD.run_at = NEW.run_at AND OLD.queue = NEW.queue AND OLD.subject_ids = NEW.subject_ids',
    }),
};
