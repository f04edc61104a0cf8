import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './rig/fault';

/** Longer than the lock of a job, which is 20 s. */
const FROZEN_MS = 25_000;

export const redisFrozen: Fault = {
  name: 'redis-frozen',
  description: 'Redis stands still for 25 s (SIGSTOP), longer than a lock holds',
  async inject({ redis }) {
    redis.freeze();
    await delay(FROZEN_MS);
    redis.thaw();
  },
};
