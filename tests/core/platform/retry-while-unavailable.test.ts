import { createDatabase, type Database } from '../../../core/platform/database';
import { Unavailable } from '../../../core/platform/errors';
import { retryWhileUnavailable } from '../../../core/platform/retry-while-unavailable';
import { useDatabase } from '../../support/database';
import { createTcpProxy, type TcpProxy, throughProxy } from '../../support/tcp-proxy';

const test = useDatabase();
let proxy: TcpProxy;
let db: Database;

beforeEach(async () => {
  proxy = await createTcpProxy(Number(new URL(test.url).port));
  db = createDatabase(throughProxy(test.url, proxy));
});
afterEach(async () => {
  await db.close();
  await proxy.close();
});

/** Counts how often the database could not take a statement. */
function watched() {
  const seen = { refused: 0, onRefused: () => {} };
  const query: Database['query'] = (sql, values) =>
    db.query(sql, values).catch((error: unknown) => {
      seen.refused += 1;
      seen.onRefused();
      throw error;
    });
  return { seen, query };
}

describe('a statement that is retried while PostgreSQL is unavailable', () => {
  it('runs once while PostgreSQL is available, and returns its rows', async () => {
    const { seen, query } = watched();
    expect(await retryWhileUnavailable({ query }).query('SELECT $1::int AS n', [7])).toEqual([{ n: 7 }]);
    expect(seen.refused).toBe(0);
  });

  it('is repeated until PostgreSQL is back', async () => {
    await proxy.cut();
    const { seen, query } = watched();
    seen.onRefused = () => void (seen.refused === 2 && proxy.restore());
    expect(await retryWhileUnavailable({ query }).query('SELECT 1 AS n')).toEqual([{ n: 1 }]);
    expect(seen.refused).toBeGreaterThanOrEqual(2);
  });

  it('fails when PostgreSQL stays unavailable for too long', async () => {
    await proxy.cut();
    const { seen, query } = watched();
    await expect(retryWhileUnavailable({ query }, 700).query('SELECT 1')).rejects.toThrow(Unavailable);
    expect(seen.refused).toBe(2);
  });

  it('fails at once when the statement is wrong', async () => {
    const { seen, query } = watched();
    await expect(retryWhileUnavailable({ query }).query('SELECT nonsense')).rejects.toThrow('nonsense');
    expect(seen.refused).toBe(1);
  });
});
