import { runMigrations } from 'bullmq';
import { knex } from 'knex';
import { type ClientBase, Pool } from 'pg';
import { QUEUE_NAMES } from '../core/platform/queues';
import { migrationSource } from './index';
import { grantRights } from './rights';

/** Key of the advisory lock: the process that holds it migrates. The number is arbitrary and must never change. PostgreSQL frees the lock with the connection. */
const MIGRATION_LOCK_KEY = 4_240_915;

/** Keeps knex from printing errors, with their SQL, to standard output; they are thrown as well. */
const SILENT_LOG = { warn() {}, error() {}, deprecate() {}, debug() {} };

/**
 * Brings the database up to date: the tables of the system, BullMQ's own tables for its PostgreSQL backend, and the rights of the
 * existing group roles. Safe to run twice, by two processes at once, and after a killed run.
 *
 * @returns the names of the migrations that ran
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const pool = new Pool({ connectionString: databaseUrl, max: 4, connectionTimeoutMillis: 5_000 });
  // A broken connection fails its query; without listeners it would end the process too.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = knex({ client: 'pg', connectionPool: pool, log: SILENT_LOG });
  try {
    const client = await pool.connect();
    try {
      await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK_KEY]);
      // A process that left knex's own lock is dead, or it would still hold the advisory lock.
      await db.migrate.forceFreeMigrationsLock({ migrationSource });
      const [, applied] = (await db.migrate.latest({ migrationSource })) as [number, string[]];
      await runMigrations(client);
      await createJobIdSequences(client);
      await grantRights(client);
      return applied;
    } finally {
      client.release(true);
    }
  } finally {
    await db.destroy();
    await pool.end();
  }
}

/** Creates the sequence of each queue's job ids. BullMQ creates it with the first job, but the processes have no right to. */
async function createJobIdSequences(client: ClientBase): Promise<void> {
  await client.query(
    `DO $$ DECLARE queue text; BEGIN
       FOREACH queue IN ARRAY '{${QUEUE_NAMES.join(',')}}'::text[] LOOP
         EXECUTE format('CREATE SEQUENCE IF NOT EXISTS bullmq.%I', bullmq.job_id_seq_name(queue));
       END LOOP;
     END $$`,
  );
}
