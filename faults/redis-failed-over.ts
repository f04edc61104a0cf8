import type { Fault } from './rig/fault';
import { openStandby } from './rig/standby';

export const redisFailedOver: Fault = {
  name: 'redis-failed-over',
  description:
    'the main Redis is killed, a Sentinel makes its replica the main one, and the address moves there',
  async inject({ dataDir, redis, proxies }) {
    const standby = await openStandby(dataDir, redis);
    await redis.kill();
    // The proxy plays a load balancer that asks the Sentinel, or an address that moves.
    proxies.redis.routeTo(await standby.promoted());
  },
};
