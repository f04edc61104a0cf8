import {
  compose,
  declaredStatements,
  nameOfText,
  orderValues,
  queryBuilder,
  statement,
} from '../../../core/platform/statement';
import { useDatabase } from '../../support/database';

const test = useDatabase();

interface Numbered {
  n: number;
  label: string | null;
}

const PICK = statement<Numbered>(
  'test-pick',
  `SELECT n, CASE WHEN n = :odd::int THEN NULL ELSE :label::text END AS label
     FROM unnest(:numbers::int[]) n WHERE n <> :odd::int - 1 ORDER BY n`,
  { n: 'int4', label: 'text?' },
);

describe('a declared statement', () => {
  it('gives each binding one parameter, however often it occurs, and keeps casts', () => {
    expect(PICK.bindings).toEqual(['odd', 'label', 'numbers']);
    expect(PICK.text).toContain('CASE WHEN n = $1::int THEN NULL ELSE $2::text END');
    expect(PICK.text).toContain('unnest($3::int[]) n WHERE n <> $1::int - 1');
  });

  it('keeps arrays whole, and gives rows of the declared shape', async () => {
    const rows = await test.db.query(PICK, { odd: 3, label: 'even', numbers: [2, 3, 4] });
    expect(rows).toEqual([
      { n: 3, label: null },
      { n: 4, label: 'even' },
    ]);
  });

  it('binds null, and SQL in a value stays a value', async () => {
    const rows = await test.db.query(PICK, { odd: 0, label: "'); DROP TABLE notices --", numbers: [1] });
    expect(rows).toEqual([{ n: 1, label: "'); DROP TABLE notices --" }]);
    expect(await test.db.query(PICK, { odd: 0, label: null, numbers: [1] })).toEqual([{ n: 1, label: null }]);
  });

  it('shows its name in PostgreSQL, both in the text that runs and as the prepared statement', async () => {
    const WATCH = statement<{ running: string; prepared: string | null }>(
      'test-watch',
      `SELECT query AS running, (SELECT max(name) FROM pg_prepared_statements WHERE name = :prepared) AS prepared
         FROM pg_stat_activity WHERE pid = pg_backend_pid()`,
      { running: 'text', prepared: 'text?' },
    );
    const [seen] = await test.db.transaction((trx) => trx.query(WATCH, { prepared: 'test-watch' }));
    expect(seen?.running).toMatch(/^\/\* test-watch \*\/ SELECT query/);
    expect(seen?.prepared).toBe('test-watch');
  });

  it('fails before PostgreSQL is asked when a binding has no value, or a value no binding', async () => {
    await expect(test.db.query(PICK, { odd: 3, numbers: [] })).rejects.toThrow(
      'Statement test-pick: the binding "label" and its value do not match.',
    );
    await expect(test.db.query(PICK, { odd: 3, label: '', numbers: [], even: 2 })).rejects.toThrow('"even"');
    await expect(test.db.query(PICK, { odd: undefined, label: '', numbers: [] })).rejects.toThrow('"odd"');
    await expect(test.db.query(PICK)).rejects.toThrow('do not match');
  });

  it('has a name that no other statement has, and that PostgreSQL does not cut', () => {
    expect(() => statement('test-pick', 'SELECT 2', {})).toThrow('Two statements have one name: test-pick');
    expect(() => statement('x'.repeat(64), 'SELECT 1', {})).toThrow('The name of a statement is too long');
    expect(declaredStatements()).toContain(PICK);
  });

  it('may have literal colons, question marks and no bindings', async () => {
    const LITERALS = statement<{ time: string; has: boolean }>(
      'test-literals',
      `SELECT '10:30' AS time, '{"a":1}'::jsonb \\? 'a' AS has`,
      { time: 'text', has: 'bool' },
    );
    expect(LITERALS.bindings).toEqual([]);
    expect(await test.db.query(LITERALS)).toEqual([{ time: '10:30', has: true }]);
  });
});

describe('the values of a statement', () => {
  it('come in the order of its bindings', () => {
    expect(orderValues(PICK, { numbers: [1], label: 'a', odd: 3 })).toEqual([3, 'a', [1]]);
  });
});

describe('a composed statement', () => {
  const numbersAbove = (limits: number[]) => {
    const query = queryBuilder.from(queryBuilder.raw('unnest(?::int[]) n', [[1, 5, 9]])).select('n');
    for (const limit of limits) query.where('n', '>', limit);
    return compose<{ n: number }>(query.orderBy('n'), { n: 'int4' });
  };

  it('binds what was put together at run time', async () => {
    expect(await test.db.query(...numbersAbove([]))).toEqual([{ n: 1 }, { n: 5 }, { n: 9 }]);
    expect(await test.db.query(...numbersAbove([1, 5]))).toEqual([{ n: 9 }]);
  });

  it('has one name for one text, whatever the values are', () => {
    const [first] = numbersAbove([1]);
    const [second] = numbersAbove([5]);
    const [other] = numbersAbove([1, 5]);
    expect(first.name).toBe(second.name);
    expect(first.name).toBe(nameOfText(first.text));
    expect(other.name).not.toBe(first.name);
  });
});
