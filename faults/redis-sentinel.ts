import type { Fault } from './rig/fault';

export const redisSentinel: Fault = {
  name: 'redis-sentinel',
  what: 'the same, and the processes ask the Sentinel themselves where the main Redis is',
  setting: { standby: true },
  async strike({ redis, standby }) {
    await redis.kill();
    await standby?.promoted();
  },
};
