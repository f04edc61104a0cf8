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
    worker: (name, process, options) => {
      const workerOptions = { ...WORKER_OPTIONS, ...options, connection, autorun: false };
      return runWhenReady(new onPostgres.Worker(name, process, workerOptions) as unknown as Worker);
    },
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

/**
 * Makes `run` fail when the worker could not connect. BullMQ keeps the failure of its first connection for ever, as after a
 * timeout on a busy machine, and the loop of such a worker turns without a pause: nothing else in the process runs any more.
 */
function runWhenReady(worker: Worker): Worker {
  const run = worker.run.bind(worker);
  worker.run = () => worker.waitUntilReady().then(run);
  return worker;
}
