import { runMigrations } from 'bullmq';
import { knex } from 'knex';
import { type ClientBase, Pool } from 'pg';
import { QUEUE_NAMES } from '../core/platform/queues';
import { migrationSource } from './index';
import { grantRights } from './rights';

/** Any number, the same for ever: whoever holds it migrates. PostgreSQL frees it with the connection. */
const MIGRATION_LOCK_KEY = 4_240_915;

/** What goes wrong is thrown; knex would also print it, with the SQL, on standard output. */
const SILENT_LOG = { warn() {}, error() {}, deprecate() {}, debug() {} };

/**
 * Brings the database up to date: our tables, BullMQ's own for when it works on PostgreSQL, and the rights of the
 * group roles there are. Safe to run twice, by two processes at once, and after a run that was killed.
 *
 * @returns the names of the migrations that were run now
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const pool = new Pool({ connectionString: databaseUrl, max: 4, connectionTimeoutMillis: 5_000 });
  // A connection that breaks fails its query; without listeners it would end the process as well.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = knex({ client: 'pg', connectionPool: pool, log: SILENT_LOG });
  try {
    const client = await pool.connect();
    try {
      await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK_KEY]);
      // Whoever wrote knex's own lock is dead: it would hold ours otherwise.
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

/** BullMQ makes the sequence of a queue with its first job; the processes, which own nothing, may not. */
async function createJobIdSequences(client: ClientBase): Promise<void> {
  await client.query(
    `DO $$ DECLARE queue text; BEGIN
       FOREACH queue IN ARRAY '{${QUEUE_NAMES.join(',')}}'::text[] LOOP
         EXECUTE format('CREATE SEQUENCE IF NOT EXISTS bullmq.%I', bullmq.job_id_seq_name(queue));
       END LOOP;
     END $$`,
  );
}
