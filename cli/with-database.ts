import { createDatabase, type Database } from '../core/platform/database';
import { loadSettings } from './settings';

/** Runs `work` on the database of the settings, over one connection that is closed afterwards. */
export async function withDatabase<T>(
  env: NodeJS.ProcessEnv,
  work: (db: Database) => Promise<T>,
  options: { statementTimeout?: number } = {},
): Promise<T> {
  const { DATABASE_URL } = loadSettings(env, ['DATABASE_URL']);
  const db = createDatabase(DATABASE_URL, { max: 1, name: 'ablagh-cli', ...options });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}
