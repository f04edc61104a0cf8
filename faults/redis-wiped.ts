import type { Fault } from './rig/fault';

export const redisWiped: Fault = {
  name: 'redis-wiped',
  description: 'Redis loses everything it has (FLUSHALL)',
  async inject({ redis }) {
    await redis.sendCommand('FLUSHALL', 'SYNC');
  },
};
