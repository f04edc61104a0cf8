import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './rig/fault';

const FROZEN_MS = 10_000;

export const postgresFrozen: Fault = {
  name: 'postgres-frozen',
  description: 'PostgreSQL stands still for ten seconds (SIGSTOP)',
  async inject({ postgres }) {
    const thaw = postgres.freeze();
    await delay(FROZEN_MS);
    thaw();
  },
};
