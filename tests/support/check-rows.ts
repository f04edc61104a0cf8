import type { Database, Queryable } from '../../core/platform/database';
import type { Statement } from '../../core/platform/statement';

/**
 * Gives a database that compares every row of a declared statement with its declaration: an expression PostgreSQL cannot vouch for
 * must not be null, or of another type, unnoticed.
 */
export function checkRows(db: Database): Database {
  const checking = (on: Queryable): Queryable => ({
    async query(statement, values) {
      const rows = await on.query(statement, values);
      if (typeof statement !== 'string') for (const row of rows) assertDeclared(statement, row);
      return rows;
    },
  });
  return {
    ...checking(db),
    transaction: (work) => db.transaction((trx) => work(checking(trx))),
    pool: db.pool,
    close: () => db.close(),
  };
}

function assertDeclared({ name, columns }: Statement<object>, row: object): void {
  for (const [column, declared] of Object.entries(columns)) {
    const value = (row as Record<string, unknown>)[column];
    const isRight = value === null ? declared.endsWith('?') : isOfType(value, declared.replace('?', ''));
    if (!isRight) throw new Error(`Statement ${name}: the column ${column} is not ${declared}.`);
  }
}

const NUMBERS = new Set(['int2', 'int4', 'float4', 'float8', 'oid']);

function isOfType(value: unknown, type: string): boolean {
  if (type === 'json' || type === 'jsonb') return value !== undefined;
  if (type.endsWith('[]'))
    return Array.isArray(value) && value.every((item) => isOfType(item, type.slice(0, -2)));
  if (type === 'bool') return typeof value === 'boolean';
  if (type === 'timestamptz' || type === 'date') return value instanceof Date;
  if (type === 'bytea') return Buffer.isBuffer(value);
  return NUMBERS.has(type) ? typeof value === 'number' : typeof value === 'string';
}
