import type { Fault } from './rig/fault';

export const redisWiped: Fault = {
  name: 'redis-wiped',
  what: 'Redis loses everything it has (FLUSHALL)',
  async strike({ redis }) {
    await redis.tell('FLUSHALL', 'SYNC');
  },
};
