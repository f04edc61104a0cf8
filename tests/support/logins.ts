import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import type { Database } from '../../core/platform/database';
import type { DatabaseRole } from '../../migrations/rights';

export interface TestLogin {
  /** The test's database, as this login. */
  url: string;
  /** Drops the login; its connections must be closed. */
  drop(): Promise<void>;
}

/** A login with the rights of a group role alone, as an administrator makes them. */
export async function addLogin(test: { db: Database; url: string }, role: DatabaseRole): Promise<TestLogin> {
  const name = `login_${randomUUID().replaceAll('-', '')}`;
  await test.db.query(`CREATE ROLE ${name} LOGIN PASSWORD 'its own' IN ROLE ${role}`);
  const url = new URL(test.url);
  url.username = name;
  url.password = 'its own';
  return {
    url: url.href,
    async drop() {
      const client = new Client({ connectionString: process.env.TEST_DATABASE_URL });
      await client.connect();
      await client.query(`DROP ROLE ${name}`).finally(() => client.end());
    },
  };
}

/** Tries one statement as a login, and rolls it back. @returns the SQLSTATE it was refused with, or `done` */
export async function trySql({ url }: Pick<TestLogin, 'url'>, sql: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query(sql);
    return 'done';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  } finally {
    await client.query('ROLLBACK');
    await client.end();
  }
}
