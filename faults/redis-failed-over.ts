import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../embedded/free-port';
import type { Fault } from './rig/fault';
import { openRedis } from './rig/redis';
import { startSentinel } from './rig/sentinel';
import { until } from './rig/until';

export const redisFailedOver: Fault = {
  name: 'redis-failed-over',
  what: 'the main Redis is killed; a Sentinel makes its replica the main one',
  async strike({ dataDir, redis, wires }) {
    const replica = await openRedis(dataDir, ['--replicaof', '127.0.0.1', String(redis.port)]);
    await until('the replica has everything', async () =>
      String(await replica.tell('INFO', 'replication')).includes('master_link_status:up'),
    );
    const port = await freePort();
    const file = join(dataDir, 'sentinel.conf');
    writeFileSync(file, sentinelSettings(port, redis.port));
    const sentinel = await startSentinel(file, port);
    await redis.kill();
    const promoted = await until('the Sentinel names the replica', async () => {
      const named = await sentinel.mainPort();
      return named !== redis.port && named;
    });
    // What stands for the load balancer that asks the Sentinel, or for an address that moves.
    wires.redis.leadTo(promoted);
    await until('the replica takes writes', async () =>
      String(await replica.tell('INFO', 'replication')).includes('role:master'),
    );
  },
};

const sentinelSettings = (port: number, watched: number) =>
  [
    `port ${port}`,
    'bind 127.0.0.1',
    `sentinel monitor ablagh 127.0.0.1 ${watched} 1`,
    'sentinel down-after-milliseconds ablagh 1000',
    'sentinel failover-timeout ablagh 5000',
    '',
  ].join('\n');
