import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { createDatabase, type Database } from '../../core/platform/database';
import { checkRows } from './check-rows';

export interface TestDatabase {
  url: string;
  db: Database;
  /** Closes `db` and drops the database, also while other connections are open. */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** `template1` gives an empty database; absent, the migrated one is copied. */
  template?: 'ablagh_template' | 'template1';
  /** Connections of the pool. */
  max?: number;
}

/** A database of its own for one test file: a copy of the migrated template, made in a moment. */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { template = 'ablagh_template', max = 10 } = options;
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  const url = databaseUrl(name);
  const db = checkRows(createDatabase(url, { max }));
  return {
    url,
    db,
    async drop() {
      if (!db.pool.ending) await db.close();
      await onServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

/**
 * A test database for all tests of a file or a `describe`. Its fields may be used once the tests run, not
 * while they are being described.
 */
export function useDatabase(options?: TestDatabaseOptions): Pick<TestDatabase, 'url' | 'db'> {
  let test: TestDatabase | undefined;
  const opened = () => {
    if (!test) throw new Error('The test database is there only while tests run.');
    return test;
  };
  beforeAll(async () => {
    test = await createTestDatabase(options);
  });
  afterAll(async () => {
    await test?.drop();
  });
  return {
    get url() {
      return opened().url;
    },
    get db() {
      return opened().db;
    },
  };
}

function databaseUrl(name: string): string {
  const url = new URL(process.env.TEST_DATABASE_URL as string);
  url.pathname = `/${name}`;
  return url.href;
}

async function onServer(sql: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl('postgres') });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
