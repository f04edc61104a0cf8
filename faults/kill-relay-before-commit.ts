import { LEASE } from '../core/platform/outbox';
import type { Fault } from './rig/fault';
import { killBeforeCommit, type Step } from './rig/kill-at';

/** The relay puts the rows it takes off by their lease, and nobody else puts off what is due for so long. */
export const RELAY_TAKES_ROWS: Step = {
  table: 'outbox',
  change: 'UPDATE',
  by: 'ablagh-workers',
  when: `OLD.relay_at <= now() AND NEW.relay_at >= greatest(NEW.run_at, now()) + interval '${LEASE}'`,
};

export const killRelayBeforeCommit: Fault = {
  name: 'kill-relay-before-commit',
  what: 'kill -9 of the relay, its jobs in Redis and its rows not committed',
  strike: (system) => killBeforeCommit(system, system.workers, RELAY_TAKES_ROWS),
};
