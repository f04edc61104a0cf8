import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import {
  createPostgresBackend,
  type PgPool,
  type Processor,
  Queue,
  Worker,
  type WorkerOptions,
  withBackend,
} from 'bullmq';
import { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { AblaghError, Unavailable } from './errors';
import type { Log } from './log';
import { INTAKE_JOB_OPTIONS, INTAKE_QUEUE, type QueueName, WORK_JOB_OPTIONS, WORKER_OPTIONS } from './queues';
import { redisOptions } from './redis-options';

/** What the relay needs of a queue. */
export type WorkQueue = Pick<
  Queue,
  'name' | 'add' | 'addBulk' | 'getJobCounts' | 'pause' | 'resume' | 'close'
>;

/**
 * BullMQ on Redis or on PostgreSQL, behind one set of verbs. Everything it opens, `close` closes.
 *
 * On PostgreSQL, what is made of it while PostgreSQL is away stays broken: `ping` first.
 */
export interface QueueBackend {
  readonly kind: 'redis' | 'postgres';
  /** A producer. Its calls fail at once, with an error, while the backend is away. */
  queue(name: QueueName): Queue;
  /** Opens the producers of these queues, and waits until they are connected, two seconds at most. */
  warmUp(names: QueueName[]): Promise<void>;
  /** A worker that does not run yet. */
  worker(name: QueueName, process: Processor, options?: Partial<WorkerOptions>): Worker;
  /**
   * A mark kept beside the jobs; it is gone when they are. PostgreSQL keeps jobs with the truth itself, so
   * there the mark is always the one that is expected.
   */
  readEpoch(expected: string): Promise<string | null>;
  writeEpoch(epoch: string): Promise<void>;
  /** @throws Unavailable when the backend does not answer within a second, or two while it is being connected to. */
  ping(): Promise<void>;
  /**
   * What Redis holds and may hold, where it has a limit; null on PostgreSQL.
   *
   * @throws Unavailable when Redis does not answer within a second.
   */
  memory(): Promise<{ usedBytes: number; maxBytes: number | null } | null>;
  /** Closes producers and own connections; workers are closed by whoever runs them. */
  close(): Promise<void>;
}

/** Redis keys of BullMQ start with this; `prefix` keeps several systems apart in one Redis. */
export const DEFAULT_PREFIX = 'ablagh';

const jobOptionsOf = (name: QueueName) => (name === INTAKE_QUEUE ? INTAKE_JOB_OPTIONS : WORK_JOB_OPTIONS);

/** Errors of connections come in storms; one line a second says as much. */
export function createThrottledErrorLog(log: Log, queue: string): (error: Error) => void {
  let last = 0;
  return (error) => {
    if (Date.now() - last < 1_000) return;
    last = Date.now();
    const { name, code } = error as Error & { code?: string };
    log.warn({ queue, error: name, code }, 'queue connection is in trouble');
  };
}

const WARM_UP_TIMEOUT_MS = 2_000;

/** BullMQ calls a producer that fails fast ready before it is connected, so readiness is a call that works. */
async function waitUntilConnected(queues: Queue[]): Promise<void> {
  const deadline = Date.now() + WARM_UP_TIMEOUT_MS;
  const answers = async (queue: Queue) => {
    while (Date.now() < deadline) {
      const counts = await queue.getJobCounts('wait').catch(() => null);
      if (counts) return;
      await setTimeout(50);
    }
  };
  await Promise.all(queues.map(answers));
}

const CONNECT_TIMEOUT_MS = 1_000;

/**
 * Milliseconds after which a connection that owes an answer is given up, because its Redis hangs: that may not be the
 * main one any more. A worker waits for its next job up to ten seconds. After an outage ioredis may do this once more to
 * a connection that works, which then is made anew: what was on its way is said again.
 */
const PRODUCER_SOCKET_TIMEOUT_MS = 10_000;
const WORKER_SOCKET_TIMEOUT_MS = 20_000;

/**
 * Waits until a connection that is only just being made has come about or failed, a second at most: such a one
 * would turn a call down at once, although nothing is away.
 */
async function waitWhileConnecting(redis: Redis): Promise<void> {
  if (redis.status !== 'connecting' && redis.status !== 'connect') return;
  const signal = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
  await Promise.race(['ready', 'close'].map((event) => once(redis, event, { signal }))).catch(() => {});
}

export function createRedisQueueBackend(url: string, log: Log, prefix = DEFAULT_PREFIX): QueueBackend {
  const connection = redisOptions(url);
  // The first three are needed for calls that fail at once instead of queueing while Redis is away.
  const failFast = {
    ...connection,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 5_000,
    socketTimeout: PRODUCER_SOCKET_TIMEOUT_MS,
  };
  const control = new Redis({ ...failFast, commandTimeout: 1_000, lazyConnect: false });
  control.on('error', createThrottledErrorLog(log, 'control'));
  const queues = new Map<QueueName, Queue>();
  const epochKey = `${prefix}-epoch`;
  const orUnavailable = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw new Unavailable('redis', { cause: error });
    }
  };

  const queue = (name: QueueName): Queue => {
    const known = queues.get(name);
    if (known) return known;
    const opened = new Queue(name, {
      connection: failFast,
      prefix,
      skipWaitingForReady: true,
      skipVersionCheck: true,
      defaultJobOptions: jobOptionsOf(name),
    });
    opened.on('error', createThrottledErrorLog(log, name));
    queues.set(name, opened);
    return opened;
  };

  return {
    kind: 'redis',
    queue,
    warmUp: (names) => waitUntilConnected(names.map(queue)),
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
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      control.disconnect();
    },
  };
}

export function createPostgresQueueBackend(pool: Pool, log: Log): QueueBackend {
  const onPostgres = withBackend(createPostgresBackend);
  const connection = pool as unknown as PgPool;
  // Each queue and worker listens for errors of the pool they share.
  pool.setMaxListeners(0);
  const queues = new Map<QueueName, Queue>();
  let mark: string | undefined;
  const queue = (name: QueueName): Queue => {
    const known = queues.get(name);
    if (known) return known;
    const opened = new onPostgres.Queue(name, {
      connection,
      defaultJobOptions: jobOptionsOf(name),
    }) as unknown as Queue;
    opened.on('error', createThrottledErrorLog(log, name));
    queues.set(name, opened);
    return opened;
  };

  return {
    kind: 'postgres',
    queue,
    warmUp: (names) => waitUntilConnected(names.map(queue)),
    worker: (name, process, options) =>
      new onPostgres.Worker(name, process, {
        ...WORKER_OPTIONS,
        ...options,
        connection,
        autorun: false,
      }) as unknown as Worker,
    readEpoch: async (expected) => mark ?? expected,
    writeEpoch: async (epoch) => {
      mark = epoch;
    },
    ping: async () => {
      await pool.query('SELECT 1').catch((error: unknown) => {
        throw new Unavailable('postgres', { cause: error });
      });
    },
    memory: async () => null,
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}

/** Out of what Redis tells of its memory. Without a limit it says 0. */
function parseMemoryInfo(info: string): { usedBytes: number; maxBytes: number | null } {
  const figure = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  return { usedBytes: figure('used_memory'), maxBytes: figure('maxmemory') || null };
}

/** Redis is older than 6.2, or may throw jobs away when it is full. */
export class UnfitRedis extends AblaghError {
  constructor(message: string) {
    super('unfit_redis', message);
  }
}

/**
 * Looks at the Redis behind `url` once: version 6.2 or newer, and `maxmemory-policy noeviction`.
 * A Redis that does not answer, or that hides its configuration, is let through: it may be only starting.
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
    const info = await redis.info();
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
  } catch (error) {
    if (error instanceof UnfitRedis) throw error;
    log.warn({ code: (error as { code?: string }).code }, 'redis does not answer yet');
  } finally {
    redis.disconnect();
  }
}
