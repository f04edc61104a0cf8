import { createPostgresBackend, type PgPool, type Queue, type Worker, withBackend } from 'bullmq';
import type { Pool } from 'pg';
import { Unavailable } from './errors';
import type { Log } from './log';
import { createProducers, jobOptionsOf, type QueueBackend, waitUntilConnected } from './queue-backend';
import { WORKER_OPTIONS } from './queues';

/**
 * Opens BullMQ on PostgreSQL. All its queues and workers use the given pool, which stays open when the backend is closed.
 *
 * @param pool finds BullMQ's tables without their schema (`createDatabase` sets the search path)
 */
export function createPostgresQueueBackend(pool: Pool, log: Log): QueueBackend {
  const onPostgres = withBackend(createPostgresBackend);
  const connection = pool as unknown as PgPool;
  // Each queue and worker listens for errors of the pool they share.
  pool.setMaxListeners(0);
  let mark: string | undefined;
  const producers = createProducers(
    (name) =>
      new onPostgres.Queue(name, { connection, defaultJobOptions: jobOptionsOf(name) }) as unknown as Queue,
    log,
  );

  return {
    kind: 'postgres',
    queue: producers.get,
    warmUp: (names) => waitUntilConnected(names.map(producers.get)),
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
    close: producers.close,
  };
}
