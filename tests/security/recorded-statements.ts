import type { Database, Queryable } from '../../core/platform/database';
import { textOf } from '../support/statement-text';

/** A database that notes every statement it is asked for, by its text: never the values, only what work is done. */
export function recordStatements(db: Database) {
  const statements: string[] = [];
  const noting = (on: Queryable): Queryable => ({
    query: (sql, values) => {
      statements.push(textOf(sql));
      return on.query(sql, values);
    },
  });
  const recorded: Database = {
    ...noting(db),
    transaction: (work) => db.transaction((trx) => work(noting(trx))),
    pool: db.pool,
    close: () => db.close(),
  };
  return {
    db: recorded,

    /** What some work asked for, in its order, whether or not it threw. */
    async during(work: () => Promise<unknown>): Promise<string[]> {
      statements.length = 0;
      await work().catch(() => {});
      return [...statements];
    },
  };
}
