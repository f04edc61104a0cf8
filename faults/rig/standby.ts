import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../embedded/free-port';
import { openRedis, type RigRedis } from './redis';
import { until } from './until';

/** A replica, and a Sentinel that promotes it once the main Redis is away. */
export interface Standby {
  /** The address of the main Redis, as the Sentinel knows it. */
  readonly url: string;
  /** Waits until the replica is the main Redis and takes writes. @returns its port */
  promoted(): Promise<number>;
  close(): Promise<void>;
}

/** The Sentinel's name for the Redis it watches. */
const MASTER_NAME = 'ablagh';

export async function openStandby(dataDir: string, { port: watched }: RigRedis): Promise<Standby> {
  const replica = await openRedis(dataDir, ['--replicaof', '127.0.0.1', String(watched)]);
  const roleOf = async () => String(await replica.sendCommand('INFO', 'replication'));
  await until('the replica has everything', async () => (await roleOf()).includes('master_link_status:up'));
  const port = await freePort();
  const file = join(dataDir, 'sentinel.conf');
  // A Sentinel writes its findings into its settings file.
  writeFileSync(file, settingsOf(port, watched));
  const server = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore', cwd: '/' });
  const end = () => server.kill('SIGKILL');
  process.once('exit', end);
  const sentinel = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: 1 });
  sentinel.on('error', () => {});
  const ask = (what: string) => sentinel.call('SENTINEL', what, MASTER_NAME) as Promise<unknown[]>;
  await until('the Sentinel knows the replica', async () => (await ask('REPLICAS')).length > 0);
  return {
    url: `redis://${MASTER_NAME}?sentinels=127.0.0.1:${port}`,
    async promoted() {
      await until('the Sentinel names the replica', async () => {
        const [, named] = await ask('GET-MASTER-ADDR-BY-NAME');
        return Number(named) === replica.port;
      });
      await until('the replica takes writes', async () => (await roleOf()).includes('role:master'));
      return replica.port;
    },
    async close() {
      sentinel.disconnect();
      end();
      await replica.kill();
    },
  };
}

const settingsOf = (port: number, watched: number) =>
  [
    `port ${port}`,
    'bind 127.0.0.1',
    `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${watched} 1`,
    `sentinel down-after-milliseconds ${MASTER_NAME} 1000`,
    `sentinel failover-timeout ${MASTER_NAME} 5000`,
    '',
  ].join('\n');
