import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { forkEntry } from '../../embedded/fork-entry';
import type { Providers } from './providers';

export interface WorkersPlace {
  databaseUrl: string;
  redisUrl: string | undefined;
  providers: Providers;
  /** Where attachments lie. */
  folder: string;
}

/** The production workers in a process of their own. Whoever starts it kills it. */
export const startWorkersProcess = ({
  databaseUrl,
  redisUrl,
  providers,
  folder,
}: WorkersPlace): ChildProcess =>
  forkEntry('../workers/main', {
    env: {
      PATH: process.env.PATH,
      ...providers.workersEnv(databaseUrl, folder),
      ...(redisUrl && { REDIS_URL: redisUrl }),
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });

export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) {
    await once(child, 'exit');
  }
}

/**
 * A Redis nobody else looks into, or none: then BullMQ works on PostgreSQL.
 *
 * @param number of the Redis database; each test file has its own
 */
export async function emptyRedis(number: number): Promise<string | undefined> {
  if (!process.env.TEST_REDIS_URL) return undefined;
  const url = new URL(process.env.TEST_REDIS_URL);
  url.pathname = `/${number}`;
  const redis = new Redis(url.href);
  await redis.flushdb();
  redis.disconnect();
  return url.href;
}
