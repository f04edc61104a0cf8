import type { Statement } from '../../core/platform/statement';

/** The SQL of what a database is asked for, for tests that look at single statements on their way. */
export const textOf = (statement: Statement<object> | string): string =>
  typeof statement === 'string' ? statement : statement.text;
