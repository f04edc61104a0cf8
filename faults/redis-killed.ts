import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './rig/fault';

const AWAY_MS = 30_000;

export const redisKilled: Fault = {
  name: 'redis-killed',
  description: 'Redis is killed, is away for 30 s and comes back empty',
  async inject({ redis }) {
    await redis.kill();
    await delay(AWAY_MS);
    await redis.start();
  },
};
