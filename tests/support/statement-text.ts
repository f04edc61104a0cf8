import type { StatementValues } from '../../core/platform/database';
import { orderValues, type Statement } from '../../core/platform/statement';

/** Returns the SQL of a statement, for tests that watch single statements. */
export const textOf = (statement: Statement<object> | string): string =>
  typeof statement === 'string' ? statement : statement.text;

/** Returns the values of a statement in the order of its text, for tests that run the text in another form, such as EXPLAIN. */
export const valuesOf = (statement: Statement<object> | string, values: StatementValues = []): unknown[] =>
  Array.isArray(values)
    ? [...values]
    : orderValues(statement as Statement<object>, values as Readonly<Record<string, unknown>>);

/** Tells whether a query is a declared statement with one of these names. */
export const isStatement = (statement: Statement<object> | string, ...names: string[]): boolean =>
  typeof statement !== 'string' && names.includes(statement.name);
