import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './rig/fault';

const FULL_MS = 10_000;

export const redisOutOfMemory: Fault = {
  name: 'redis-out-of-memory',
  description: 'Redis has no memory left and refuses every write for ten seconds',
  async inject({ redis }) {
    await redis.sendCommand('CONFIG', 'SET', 'maxmemory', '1');
    await delay(FULL_MS);
    await redis.sendCommand('CONFIG', 'SET', 'maxmemory', '0');
  },
};
