import { createHash } from 'node:crypto';
import { type Knex, knex } from 'knex';

/** The builder of statements whose conditions depend on the request. It opens no connection: `compose` passes its text on. */
export const queryBuilder: Knex = knex({ client: 'pg' });

type TextType = 'text' | 'int8' | 'uuid' | 'numeric' | 'xid8' | 'name' | 'interval';
type NumberType = 'int2' | 'int4' | 'float4' | 'float8' | 'oid';
type DateType = 'timestamptz' | 'date';
type ScalarType<Value> = [Value] extends [boolean]
  ? 'bool'
  : [Value] extends [string]
    ? TextType
    : [Value] extends [number]
      ? NumberType
      : [Value] extends [Date]
        ? DateType
        : [Value] extends [Buffer]
          ? 'bytea'
          : never;
type NonNullType<Value> = [Value] extends [boolean | string | number | Date | Buffer]
  ? ScalarType<Value>
  : [Value] extends [readonly (infer Item)[]]
    ? `${ScalarType<Item>}[]` | 'json' | 'jsonb'
    : 'json' | 'jsonb';
type ColumnType<Value> = null extends Value ? `${NonNullType<Exclude<Value, null>>}?` : NonNullType<Value>;

/**
 * The columns a statement returns: PostgreSQL's names of their types, with a `?` where a row may hold null. The compiler compares them
 * with the type of the row, and a test compares them with PostgreSQL's description of the statement, so the three always agree.
 */
export type Columns<Row extends object> = { readonly [Key in keyof Row]-?: ColumnType<Row[Key]> };

/** A statement with a name, bindings by name, and rows of a known shape. */
export interface Statement<Row extends object = Record<never, never>> {
  /** The name of the prepared statement. Tests, fault injection and the server's log use the same name. */
  readonly name: string;
  /** The text for PostgreSQL, with `$1`, `$2`, …. It begins with the name, so that `pg_stat_activity` shows it. */
  readonly text: string;
  /** The name of each binding, `$1` first; null where values are passed by position. */
  readonly bindings: readonly string[] | null;
  /** The declared columns, for the test that asks PostgreSQL. */
  readonly columns: Readonly<Record<string, string>>;
  /** Never set: it carries the type of the rows. */
  readonly row?: Row;
}

/** PostgreSQL truncates longer names, and two truncated names could be equal. */
const MAX_NAME_BYTES = 63;
const BINDING = /(?<![:\w]):([a-zA-Z]\w*)/g;

const declared = new Map<string, Statement<object>>();

/**
 * Declares a statement whose values are bound by name, such as `:nationalId`, also several times. It is compiled once, when its module
 * is loaded; its text is a constant of the code.
 *
 * @param name unique in the program, in kebab case, such as `claim-alerts`
 * @param columns of its rows; `{}` for a statement whose rows are only counted
 * @throws Error when another statement has the name
 */
export function statement<Row extends object = Record<never, never>>(
  name: string,
  sql: string,
  columns: Columns<Row>,
): Statement<Row> {
  if (name.length > MAX_NAME_BYTES) throw new Error(`The name of a statement is too long: ${name}`);
  if (declared.has(name)) throw new Error(`Two statements have one name: ${name}`);
  const { text, bindings } = compile(sql);
  const made: Statement<Row> = { name, text: `/* ${name} */ ${text}`, bindings, columns };
  declared.set(name, made);
  return made;
}

/** Returns every statement of the loaded modules. */
export const declaredStatements = (): Statement<object>[] => [...declared.values()];

/**
 * Turns a query of the builder into a statement and its values, for `query(...compose(…))`.
 *
 * @param query a query of `queryBuilder` that can have few different texts only, because each connection prepares every text
 */
export function compose<Row extends object>(
  query: Knex.QueryBuilder | Knex.Raw,
  columns: Columns<Row>,
): [Statement<Row>, readonly unknown[]] {
  const { sql, bindings } = query.toSQL().toNative();
  return [{ name: nameOfText(sql), text: sql, bindings: null, columns }, bindings];
}

/**
 * Puts values in the order of the statement's bindings.
 *
 * @throws Error when a binding has no value, or a value no binding
 */
export function orderValues(
  { name, bindings }: Pick<Statement<object>, 'name' | 'bindings'>,
  values: Readonly<Record<string, unknown>>,
): unknown[] {
  const expected = new Set(bindings);
  const given = Object.keys(values);
  const fault =
    given.find((key) => !expected.has(key)) ?? [...expected].find((key) => values[key] === undefined);
  if (fault) throw new Error(`Statement ${name}: the binding "${fault}" and its value do not match.`);
  return (bindings ?? []).map((key) => values[key]);
}

/** Returns the name for a text without a name of its own: its digest. */
export const nameOfText = (sql: string): string =>
  `ablagh_${createHash('sha1').update(sql).digest('hex').slice(0, 24)}`;

/** Compiles names to numbers. knex numbers each occurrence of a name; here, equal names are one parameter, so that it has one type. */
function compile(sql: string): { text: string; bindings: string[] } {
  const names = [...new Set(Array.from(sql.matchAll(BINDING), ([, name]) => name as string))];
  const markers = Object.fromEntries(names.map((name) => [name, { name }]));
  const native = queryBuilder.raw(sql, markers).toSQL().toNative();
  const occurrences = (native.bindings as { name: string }[]).map(({ name }) => name);
  const text = native.sql.replace(/\$(\d+)/g, (_, number: string) => {
    const name = occurrences[Number(number) - 1] as string;
    return `$${names.indexOf(name) + 1}`;
  });
  return { text, bindings: names };
}
