import type { Database, Queryable } from '../../core/platform/database';
import { textOf } from '../support/statement-text';

/** Wraps a database to record the text of every statement. Values are not recorded: only the work is compared. */
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

    /** Lists the statements that `work` runs, in their order, whether or not it throws. */
    async during(work: () => Promise<unknown>): Promise<string[]> {
      statements.length = 0;
      await work().catch(() => {});
      return [...statements];
    },
  };
}
