import type { Fault } from './rig/fault';

export const redisSentinel: Fault = {
  name: 'redis-sentinel',
  description: 'the same, and the processes ask the Sentinel themselves where the main Redis is',
  systemOptions: { standby: true },
  async inject({ redis, standby }) {
    await redis.kill();
    await standby?.promoted();
  },
};
