import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { createDatabase, type Queryable } from '../../../core/platform/database';
import { Unavailable } from '../../../core/platform/errors';
import { useDatabase } from '../../support/database';
import { createTcpProxy, throughProxy } from '../../support/tcp-proxy';
import { until } from '../../support/until';

const own = useDatabase();
const countOf = async (table: string) => {
  const [row] = await own.db.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`);
  return row?.count;
};
const backendOf = async (trx: Queryable) => {
  const [row] = await trx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return row?.pid;
};

beforeAll(() => own.db.query('CREATE TABLE marks (n integer PRIMARY KEY)'));
beforeEach(() => own.db.query('TRUNCATE marks'));

describe('a transaction', () => {
  test('is committed, and returns the result of its work', async () => {
    const found = await own.db.transaction(async (trx) => {
      await trx.query('INSERT INTO marks VALUES (1), (2)');
      return trx.query<{ n: number }>('SELECT n FROM marks ORDER BY n');
    });
    expect(found).toEqual([{ n: 1 }, { n: 2 }]);
    expect(await countOf('marks')).toBe(2);
  });

  test('is rolled back when its work throws, and throws the same error', async () => {
    const failure = new Error('no');
    const work = own.db.transaction(async (trx) => {
      await trx.query('INSERT INTO marks VALUES (1)');
      throw failure;
    });
    await expect(work).rejects.toBe(failure);
    expect(await countOf('marks')).toBe(0);
  });

  test('is rolled back when a statement fails', async () => {
    const work = own.db.transaction(async (trx) => {
      await trx.query('INSERT INTO marks VALUES (1)');
      await trx.query('INSERT INTO marks VALUES (1)');
    });
    await expect(work).rejects.toMatchObject({ code: '23505' });
    expect(await countOf('marks')).toBe(0);
  });

  test('in which an error of a statement was swallowed fails at its commit', async () => {
    const work = own.db.transaction(async (trx) => {
      await trx.query('INSERT INTO marks VALUES (1)');
      await trx.query('INSERT INTO marks VALUES (1)').catch(() => {});
    });
    await expect(work).rejects.toThrow('none of it was committed');
    expect(await countOf('marks')).toBe(0);
  });

  test('returns its connection to the pool, however it ends', async () => {
    for (let i = 0; i < 25; i += 1) {
      const work = own.db.transaction(async (trx) => {
        await trx.query('SELECT 1');
        if (i % 2) throw new Error('no');
      });
      await work.catch(() => {});
    }
    const { totalCount, idleCount } = own.db.pool;
    expect(idleCount).toBe(totalCount);
  });

  test('whose backend is killed halfway fails as unavailable, and the pool recovers', async () => {
    const work = own.db.transaction(async (trx) => {
      await trx.query('INSERT INTO marks VALUES (1)');
      await own.db.query('SELECT pg_terminate_backend($1)', [await backendOf(trx)]);
      await trx.query('INSERT INTO marks VALUES (2)');
    });
    await expect(work).rejects.toBeInstanceOf(Unavailable);
    expect(await countOf('marks')).toBe(0);
    await own.db.transaction((trx) => trx.query('INSERT INTO marks VALUES (3)'));
    expect(await countOf('marks')).toBe(1);
  });

  test('whose backend is killed before its commit fails as unavailable', async () => {
    const work = own.db.transaction(async (trx) => {
      await trx.query('INSERT INTO marks VALUES (1)');
      const pid = await backendOf(trx);
      await own.db.query('SELECT pg_terminate_backend($1)', [pid]);
      await until(
        async () => (await own.db.query('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [pid])).length === 0,
      );
    });
    await expect(work).rejects.toBeInstanceOf(Unavailable);
    expect(await countOf('marks')).toBe(0);
  });
});

describe('a database', () => {
  test('whose idle connections are killed serves the next query', async () => {
    await own.db.query('SELECT 1');
    await own.db.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    await until(async () => (await own.db.query('SELECT 1')).length === 1);
  });

  test('returns numbers too big for JavaScript as text, and instants as dates', async () => {
    const rows = await own.db.query(
      `SELECT 9007199254740993::bigint AS big, 1.10::numeric AS exact, '12'::xid8 AS tx, 7 AS small,
              '2026-01-01T00:00:00Z'::timestamptz AS at`,
    );
    expect(rows).toEqual([
      { big: '9007199254740993', exact: '1.10', tx: '12', small: 7, at: new Date('2026-01-01T00:00:00Z') },
    ]);
  });

  test('finds the tables of BullMQ without their schema, after the tables of its own', async () => {
    const rows = await own.db.query(`SELECT 'job'::regclass::oid = 'bullmq.job'::regclass::oid AS theirs,
                                            'events'::regclass::oid = 'public.events'::regclass::oid AS ours`);
    expect(rows).toEqual([{ theirs: true, ours: true }]);
  });

  test('cancels a statement that takes too long, and throws Unavailable', async () => {
    const db = createDatabase(own.url, { max: 1, statementTimeout: 50 });
    try {
      await expect(db.query('SELECT pg_sleep(20)')).rejects.toMatchObject({
        code: 'unavailable',
        cause: { code: '57014' },
      });
      expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      await db.close();
    }
  });

  test('gives up a connection that has gone silent, and throws Unavailable', async () => {
    const proxy = await createTcpProxy(Number(new URL(own.url).port));
    const db = createDatabase(throughProxy(own.url, proxy), { max: 1, statementTimeout: 50 });
    try {
      await db.query('SELECT 1');
      proxy.stifle();
      await expect(db.query('SELECT 1')).rejects.toMatchObject({ code: 'unavailable' });
      expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      await db.close();
      await proxy.close();
    }
  }, 20_000);

  test('gives up a transaction on a silent connection without waiting for a rollback', async () => {
    const proxy = await createTcpProxy(Number(new URL(own.url).port));
    const db = createDatabase(throughProxy(own.url, proxy), { max: 1, statementTimeout: 50 });
    const asked: string[] = [];
    db.pool.on('connect', (client) => {
      const query = client.query.bind(client) as (...args: unknown[]) => unknown;
      const noting = (statement: string | { text: string }, ...rest: unknown[]) => {
        asked.push(typeof statement === 'string' ? statement : statement.text);
        return query(statement, ...rest);
      };
      Object.assign(client, { query: noting });
    });
    try {
      const silent = db.transaction(async (trx) => {
        proxy.stifle();
        await trx.query('SELECT 1');
      });
      await expect(silent).rejects.toMatchObject({ code: 'unavailable' });
      expect(asked).toEqual(['BEGIN', 'SELECT 1']);
      expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      await db.close();
      await proxy.close();
    }
  }, 20_000);

  test('without a statement timeout waits longer than the grace for a vanished host', async () => {
    const db = createDatabase(own.url, { max: 1, statementTimeout: 0 });
    try {
      expect(await db.query('SELECT 1 AS one FROM pg_sleep(5.5)')).toEqual([{ one: 1 }]);
    } finally {
      await db.close();
    }
  }, 20_000);

  test('throws Unavailable to one of two transactions in a deadlock', async () => {
    const lock = (trx: Queryable, key: number) => trx.query('SELECT pg_advisory_xact_lock($1)', [key]);
    let meet: () => void = () => {};
    const bothHold = new Promise<void>((resolve) => {
      let holding = 0;
      meet = () => {
        holding += 1;
        if (holding === 2) resolve();
      };
    });
    const take = (first: number, then: number) =>
      own.db.transaction(async (trx) => {
        await lock(trx, first);
        meet();
        await bothHold;
        await lock(trx, then);
      });
    const ends = await Promise.allSettled([take(71, 72), take(72, 71)]);
    const [victim] = ends.filter((end) => end.status === 'rejected');
    expect(victim?.reason).toMatchObject({ code: 'unavailable', cause: { code: '40P01' } });
  });

  test('passes the error of a wrong statement on', async () => {
    await expect(own.db.query('SELEC 1')).rejects.toMatchObject({ code: '42601' });
  });

  test('throws Unavailable when no server listens at its address', async () => {
    const db = createDatabase(`postgres://nobody@127.0.0.1:${await closedPort()}/nothing`);
    await expect(db.query('SELECT 1')).rejects.toMatchObject({ code: 'unavailable', dependency: 'postgres' });
    await expect(db.transaction(async () => 1)).rejects.toBeInstanceOf(Unavailable);
    await db.close();
  });

  test('throws Unavailable when its server does not answer', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await until(() => silent.listening);
    const { port } = silent.address() as AddressInfo;
    const db = createDatabase(`postgres://nobody@127.0.0.1:${port}/nothing`);
    await expect(db.query('SELECT 1')).rejects.toBeInstanceOf(Unavailable);
    await db.close();
    silent.close();
  });

  test('throws Unavailable when every connection is busy for too long', async () => {
    const db = createDatabase(own.url, { max: 1 });
    await db.transaction(async () => {
      await expect(db.query('SELECT 1')).rejects.toBeInstanceOf(Unavailable);
    });
    await db.close();
  });

  test('keeps the address and the password out of the message of Unavailable', async () => {
    const db = createDatabase(`postgres://nobody:hunter2@127.0.0.1:${await closedPort()}/nothing`);
    const error: Unavailable = await db.query('SELECT 1').then(fail, (reason) => reason);
    expect(error.message).toBe('postgres is unavailable');
    expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' });
    await db.close();
  });
});

const fail = () => {
  throw new Error('The query was answered.');
};

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await until(() => server.listening);
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
