import { spawn } from 'node:child_process';
import { Redis } from 'ioredis';
import { until } from './until';

export interface Sentinel {
  /** The port of the Redis that is the main one, as the Sentinel has it. */
  mainPort(): Promise<number>;
}

/** Starts a Sentinel on a file of settings, which it also writes to; it ends with this process. */
export async function startSentinel(file: string, port: number): Promise<Sentinel> {
  const server = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore', cwd: '/' });
  process.once('exit', () => server.kill('SIGKILL'));
  const redis = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: 1 });
  redis.on('error', () => {});
  const mainPort = async () => {
    const [, named] = (await redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'ablagh')) as [string, string];
    return Number(named);
  };
  const seesReplica = async () => {
    const replicas = (await redis.call('SENTINEL', 'REPLICAS', 'ablagh')) as unknown[];
    return replicas.length > 0;
  };
  await until('the Sentinel knows the replica', seesReplica);
  return { mainPort };
}
