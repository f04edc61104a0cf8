import { RELAY_LEASE } from '../core/platform/outbox';
import type { Fault } from './rig/fault';
import { type HeldStep, killBeforeCommit } from './rig/kill-at';

/** The relay postpones the rows it takes by its lease; no other statement postpones due rows for so long. */
export const RELAY_TAKES_ROWS: HeldStep = {
  table: 'outbox',
  change: 'UPDATE',
  applicationName: 'ablagh-workers',
  when: `OLD.relay_at <= now() AND NEW.relay_at >= greatest(NEW.run_at, now()) + interval '${RELAY_LEASE}'`,
};

export const killRelayBeforeCommit: Fault = {
  name: 'kill-relay-before-commit',
  description: 'kill -9 of the relay, its jobs in Redis and its rows not committed',
  inject: (system) => killBeforeCommit(system, system.workers, RELAY_TAKES_ROWS),
};
