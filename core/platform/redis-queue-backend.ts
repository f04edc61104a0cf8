import { once } from 'node:events';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { AblaghError, codeOf, Unavailable } from './errors';
import type { Log } from './log';
import {
  createProducers,
  createThrottledErrorLog,
  DEFAULT_PREFIX,
  jobOptionsOf,
  type QueueBackend,
  waitUntilConnected,
} from './queue-backend';
import { WORKER_OPTIONS } from './queues';
import { redisOptions } from './redis-options';

const CONNECT_TIMEOUT_MS = 1_000;
const PRODUCER_COMMAND_TIMEOUT_MS = 5_000;
const CONTROL_COMMAND_TIMEOUT_MS = 1_000;

/**
 * Times after which a connection that owes an answer is given up, because its Redis hangs: another one may be the main one by now.
 * The workers' time is longer, because a worker waits up to ten seconds for its next job. After an outage ioredis may give up a
 * working connection once more; it then connects anew and sends its unanswered commands again.
 */
const PRODUCER_SOCKET_TIMEOUT_MS = 10_000;
const WORKER_SOCKET_TIMEOUT_MS = 20_000;

/**
 * Waits, a second at most, until a connection that is being made is ready or has failed. A call would fail at once before, although
 * nothing is unreachable.
 */
async function waitWhileConnecting(redis: Redis): Promise<void> {
  if (redis.status !== 'connecting' && redis.status !== 'connect') return;
  const signal = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
  await Promise.race(['ready', 'close'].map((event) => once(redis, event, { signal }))).catch(() => {});
}

async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new Unavailable('redis', { cause: error });
  }
}

/**
 * Opens BullMQ on Redis.
 *
 * @param url the value of REDIS_URL
 * @param prefix of all keys in Redis
 */
export function createRedisQueueBackend(url: string, log: Log, prefix = DEFAULT_PREFIX): QueueBackend {
  const connection = redisOptions(url);
  // The first three make calls fail at once instead of waiting in memory while Redis is unreachable.
  const failFast = {
    ...connection,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: PRODUCER_COMMAND_TIMEOUT_MS,
    socketTimeout: PRODUCER_SOCKET_TIMEOUT_MS,
  };
  const control = new Redis({ ...failFast, commandTimeout: CONTROL_COMMAND_TIMEOUT_MS, lazyConnect: false });
  control.on('error', createThrottledErrorLog(log, 'control'));
  const epochKey = `${prefix}-epoch`;
  const producers = createProducers(
    (name) =>
      new Queue(name, {
        connection: failFast,
        prefix,
        skipWaitingForReady: true,
        skipVersionCheck: true,
        defaultJobOptions: jobOptionsOf(name),
      }),
    log,
  );

  return {
    kind: 'redis',
    queue: producers.get,
    warmUp: (names) => waitUntilConnected(names.map(producers.get)),
    worker: (name, process, options) =>
      new Worker(name, process, {
        ...WORKER_OPTIONS,
        ...options,
        connection: { ...connection, maxRetriesPerRequest: null, socketTimeout: WORKER_SOCKET_TIMEOUT_MS },
        prefix,
        skipVersionCheck: true,
        autorun: false,
      }),
    readEpoch: () => orUnavailable(control.get(epochKey)),
    writeEpoch: async (epoch) => {
      await orUnavailable(control.set(epochKey, epoch));
    },
    ping: async () => {
      await waitWhileConnecting(control);
      await orUnavailable(control.ping());
    },
    memory: async () => parseMemoryInfo(await orUnavailable(control.info('memory'))),
    async close() {
      await producers.close();
      control.disconnect();
    },
  };
}

/** Reads the memory section of Redis' INFO. Redis writes 0 for a limit that is not set. */
function parseMemoryInfo(info: string): { usedBytes: number; maxBytes: number | null } {
  const figure = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  return { usedBytes: figure('used_memory'), maxBytes: figure('maxmemory') || null };
}

/** Error of a Redis that is older than 6.2, or that may evict jobs when its memory is full. */
export class UnfitRedis extends AblaghError {
  constructor(message: string) {
    super('unfit_redis', message);
  }
}

/**
 * Checks the Redis at `url` once: its version is 6.2 or newer, and its `maxmemory-policy` is `noeviction`. A Redis that does not
 * answer, or that hides its configuration, passes: it may be starting.
 *
 * @throws UnfitRedis
 */
export async function probeRedis(url: string, log: Log): Promise<void> {
  const redis = new Redis({
    ...redisOptions(url),
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    sentinelRetryStrategy: () => null,
  });
  redis.on('error', createThrottledErrorLog(log, 'probe'));
  try {
    checkInfo(await redis.info());
  } catch (error) {
    if (error instanceof UnfitRedis) throw error;
    log.warn({ code: codeOf(error) }, 'redis does not answer yet');
  } finally {
    redis.disconnect();
  }
}

function checkInfo(info: string): void {
  const version = /^(?:valkey_version|redis_version):(\d+)\.(\d+)/m.exec(info);
  if (version && (Number(version[1]) < 6 || (version[1] === '6' && Number(version[2]) < 2))) {
    throw new UnfitRedis(`Redis ${version[1]}.${version[2]} is too old: 6.2 or newer is needed`);
  }
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
  if (policy && policy !== 'noeviction') {
    throw new UnfitRedis(
      `Redis has maxmemory-policy ${policy}: it must be noeviction, or jobs are thrown away`,
    );
  }
}
