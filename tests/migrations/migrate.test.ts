import { knex } from 'knex';
import { migrationSource } from '../../migrations/index';
import { migrate } from '../../migrations/migrate';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { until } from '../support/until';

let own: TestDatabase;
beforeEach(async () => {
  own = await createTestDatabase({ template: 'template1' });
});
afterEach(() => own.drop());

/** Reads everything in the schema that a migration may change. */
async function schemaOf({ db }: TestDatabase) {
  return {
    columns: await db.query(
      `SELECT table_schema, table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
        WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2, 3`,
    ),
    constraints: await db.query(
      `SELECT conrelid::regclass::text AS of, pg_get_constraintdef(oid) AS def FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2`,
    ),
    indexes: await db.query(`SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`),
    triggers: await db.query(
      'SELECT pg_get_triggerdef(oid) AS def FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1',
    ),
    functions: await db.query(
      `SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1`,
    ),
    sequences: await db.query(
      `SELECT sequencename, start_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1`,
    ),
    rows: await db.query('SELECT name, channel, state FROM lines ORDER BY 1'),
  };
}

async function goDown(steps: number): Promise<void> {
  const db = knex({ client: 'pg', connection: own.url, migrations: { migrationSource } });
  try {
    for (let i = 0; i < steps; i += 1) await db.migrate.down();
  } finally {
    await db.destroy();
  }
}

/** SQL condition for the connections of the migration. */
const OTHERS = `datname = current_database() AND application_name <> 'ablagh'`;

const names = () => migrationSource.getMigrations([]);

describe('migrating', () => {
  test('runs every migration in order, and none the second time', async () => {
    expect(await migrate(own.url)).toEqual(await names());
    const before = await schemaOf(own);
    expect(await migrate(own.url)).toEqual([]);
    expect(await schemaOf(own)).toEqual(before);
  });

  test('survives that one of its idle connections breaks', async () => {
    await migrate(own.url);
    const holder = await own.db.pool.connect();
    // BullMQ takes this lock to migrate its own tables; the connection of our migrations is idle by then.
    await holder.query(`SELECT pg_advisory_lock(1112886348, hashtext('bullmq'))`);
    const again = migrate(own.url);
    const others = async (condition: string) =>
      own.db.query<{ pid: number }>(`SELECT pid FROM pg_stat_activity WHERE ${OTHERS} AND ${condition}`);
    await until(async () => (await others(`wait_event = 'advisory'`)).length);
    for (const { pid } of await others(`state = 'idle'`))
      await own.db.query('SELECT pg_terminate_backend($1)', [pid]);
    await until(async () => (await others(`state = 'idle'`)).length === 0);
    await holder.query('SELECT pg_advisory_unlock_all()');
    holder.release();
    expect(await again).toEqual([]);
  });

  test('by several processes at once is done by one of them', async () => {
    const runs = await Promise.all([1, 2, 3].map(() => migrate(own.url)));
    expect(runs.flat()).toEqual(await names());
    expect(runs.filter(({ length }) => length === 0)).toHaveLength(2);
  });

  test('is not blocked by the lock of a killed run', async () => {
    await migrate(own.url);
    await goDown(1);
    await own.db.query('UPDATE knex_migrations_lock SET is_locked = 1');
    expect(await migrate(own.url)).toEqual((await names()).slice(-1));
    expect(await own.db.query('SELECT is_locked FROM knex_migrations_lock')).toEqual([{ is_locked: 0 }]);
  });

  test('that fails leaves no migration half done', async () => {
    await own.db.query('CREATE TABLE outbox (taken integer)');
    await expect(migrate(own.url)).rejects.toMatchObject({ code: '42P07' });
    const tables = await own.db.query(`SELECT to_regclass('events') AS events`);
    expect(tables).toEqual([{ events: null }]);
    await own.db.query('DROP TABLE outbox');
    const done = await own.db.query<{ name: string }>('SELECT name FROM knex_migrations ORDER BY id');
    expect([...done.map(({ name }) => name), ...(await migrate(own.url))]).toEqual(await names());
  });

  test('down removes everything, and up again restores the same schema', async () => {
    await migrate(own.url);
    const before = await schemaOf(own);
    await goDown((await names()).length);
    const left = await own.db.query(
      `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename !~ '^(knex|bullmq)_' ORDER BY 1`,
    );
    expect(left).toEqual([]);
    expect(await migrate(own.url)).toEqual(await names());
    expect(await schemaOf(own)).toEqual(before);
  });

  test('fails when the database does not exist', async () => {
    const url = new URL(own.url);
    url.pathname = '/nothing_of_this_name';
    await expect(migrate(url.href)).rejects.toMatchObject({ code: '3D000' });
  });
});
