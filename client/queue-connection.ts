import { createPostgresBackend, Queue, withBackend } from 'bullmq';
import { DEFAULT_PREFIX } from '../core/platform/queue-backend';
import { INTAKE_QUEUE } from '../core/platform/queues';
import { hasUsableSentinels, redisOptions } from '../core/platform/redis-options';

export interface QueueAddress {
  /** `redis://` or `rediss://`, for a system with Redis; `?sentinels=host:port,…` as in `REDIS_URL`. */
  redisUrl?: string;
  /** The PostgreSQL of a system without Redis. */
  databaseUrl?: string;
  /** The prefix of the Redis keys: `ablagh` if absent. */
  prefix?: string;
}

export interface QueueConnection {
  queue: Queue;
  /** Resolves once the queue may be used. */
  ready(): Promise<unknown>;
  /** Gives the last error of the connection. */
  lastError(): Error | undefined;
  close(): Promise<void>;
}

/** Checks that exactly one address is given, and that it is well formed. @throws TypeError */
export function assertAddress({ redisUrl, databaseUrl }: QueueAddress): void {
  if (!redisUrl === !databaseUrl) throw new TypeError('either redisUrl or databaseUrl is needed');
  if (redisUrl && !hasProtocol(redisUrl, /^rediss?:$/))
    throw new TypeError('redisUrl is not a redis address');
  if (redisUrl && !hasUsableSentinels(redisUrl))
    throw new TypeError('redisUrl does not name its sentinels as host:port');
  if (databaseUrl && !hasProtocol(databaseUrl, /^postgres(ql)?:$/)) {
    throw new TypeError('databaseUrl is not a postgres address');
  }
}

const hasProtocol = (url: string, protocol: RegExp): boolean =>
  URL.canParse(url) && protocol.test(new URL(url).protocol);

/** Opens the queue as a producer, without waiting. The queue's settings are not changed. */
export function openConnection({ redisUrl, databaseUrl = '', prefix }: QueueAddress): QueueConnection {
  const { queue, close } = redisUrl ? openRedisQueue(redisUrl, prefix) : openPostgresQueue(databaseUrl);
  let lastError: Error | undefined;
  queue.on('error', (error) => {
    lastError = error;
  });
  return { queue, close, ready: () => queue.waitUntilReady(), lastError: () => lastError };
}

type OpenedQueue = Pick<QueueConnection, 'queue' | 'close'>;

function openRedisQueue(url: string, prefix = DEFAULT_PREFIX): OpenedQueue {
  const queue = new Queue(INTAKE_QUEUE, {
    connection: { ...redisOptions(url), maxRetriesPerRequest: 1, commandTimeout: 10_000 },
    prefix,
    skipVersionCheck: true,
    skipMetasUpdate: true,
  });
  return { queue, close: () => queue.close() };
}

function openPostgresQueue(url: string): OpenedQueue {
  const { Queue: PostgresQueue } = withBackend(createPostgresBackend);
  const queue = new PostgresQueue(INTAKE_QUEUE, {
    // Options and not a pool: BullMQ finds its tables only on connections that it makes itself.
    connection: {
      connectionString: url,
      max: 3,
      application_name: 'ablagh-client',
      connectionTimeoutMillis: 3_000,
      statement_timeout: 10_000,
      keepAlive: true,
    },
    skipMetasUpdate: true,
  }) as unknown as Queue;
  return { queue, close: () => queue.close() };
}
