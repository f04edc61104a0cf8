import type { Fault } from './rig/fault';
import { killBeforeCommit, type Step } from './rig/kill-at';

/** The relay puts off the rows it takes, and nobody else moves only that. */
export const RELAY_TAKES_ROWS: Step = {
  table: 'outbox',
  change: 'UPDATE',
  by: 'ablagh-workers',
  when: 'OLD.run_at = NEW.run_at AND OLD.queue = NEW.queue AND OLD.subject_ids = NEW.subject_ids',
};

export const killRelayBeforeCommit: Fault = {
  name: 'kill-relay-before-commit',
  what: 'kill -9 of the relay, its jobs in Redis and its rows not committed',
  strike: (system) => killBeforeCommit(system, system.workers, RELAY_TAKES_ROWS),
};
