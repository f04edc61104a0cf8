import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './rig/fault';

const FULL_MS = 10_000;

export const redisOutOfMemory: Fault = {
  name: 'redis-out-of-memory',
  what: 'Redis has no memory left and refuses every write for ten seconds',
  async strike({ redis }) {
    await redis.tell('CONFIG', 'SET', 'maxmemory', '1');
    await delay(FULL_MS);
    await redis.tell('CONFIG', 'SET', 'maxmemory', '0');
  },
};
