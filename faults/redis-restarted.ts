import type { Fault } from './rig/fault';

export const redisRestarted: Fault = {
  name: 'redis-restarted',
  what: 'Redis is stopped in order and started again with what it had',
  async strike({ redis }) {
    await redis.stop();
    await redis.start();
  },
};
