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

/** The same database, and how often a statement could not be taken. */
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

describe('a statement that has to outlast an outage', () => {
  it('runs once when PostgreSQL is there, and gives its rows', async () => {
    const { seen, query } = watched();
    expect(await retryWhileUnavailable({ query }).query('SELECT $1::int AS n', [7])).toEqual([{ n: 7 }]);
    expect(seen.refused).toBe(0);
  });

  it('is given to PostgreSQL again until it is back', async () => {
    await proxy.cut();
    const { seen, query } = watched();
    seen.onRefused = () => void (seen.refused === 2 && proxy.restore());
    expect(await retryWhileUnavailable({ query }).query('SELECT 1 AS n')).toEqual([{ n: 1 }]);
    expect(seen.refused).toBeGreaterThanOrEqual(2);
  });

  it('fails after all when PostgreSQL stays away', async () => {
    await proxy.cut();
    const { seen, query } = watched();
    await expect(retryWhileUnavailable({ query }, 700).query('SELECT 1')).rejects.toThrow(Unavailable);
    expect(seen.refused).toBe(2);
  });

  it('fails at once when it is wrong', async () => {
    const { seen, query } = watched();
    await expect(retryWhileUnavailable({ query }).query('SELECT nonsense')).rejects.toThrow('nonsense');
    expect(seen.refused).toBe(1);
  });
});
