import type { Fault } from './rig/fault';

export const redisRestarted: Fault = {
  name: 'redis-restarted',
  description: 'Redis is stopped in order and started again with what it had',
  async inject({ redis }) {
    await redis.stop();
    await redis.start();
  },
};
