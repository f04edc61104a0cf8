import { createHash } from 'node:crypto';
import { type Knex, knex } from 'knex';

/** The builder for statements whose conditions are put together at run time. It opens no connection: `compose` hands its work over. */
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
 * The columns a statement gives, by PostgreSQL's names of their types, with a `?` where a row may hold null. The compiler
 * compares them with the type of the row, and a test compares them with what PostgreSQL says of the statement: neither can
 * differ from the other unnoticed.
 */
export type Columns<Row extends object> = { readonly [Key in keyof Row]-?: ColumnType<Row[Key]> };

/** A statement with a name, bindings by name, and rows of a known shape. */
export interface Statement<Row extends object = Record<never, never>> {
  /** The name PostgreSQL prepares it under: the same in tests, in the faults and in the server's log. */
  readonly name: string;
  /** As PostgreSQL takes it, with `$1`, `$2`, …; it begins with the name, so that `pg_stat_activity` shows what runs. */
  readonly text: string;
  /** The name of each binding, `$1` first; null where the values come in their order already. */
  readonly bindings: readonly string[] | null;
  /** What `columns` was declared as; kept for the test that asks PostgreSQL. */
  readonly columns: Readonly<Record<string, string>>;
  /** Never there: it carries the type of the rows. */
  readonly row?: Row;
}

/** PostgreSQL cuts longer names, and two that are cut could become one. */
const MAX_NAME_BYTES = 63;
const BINDING = /(?<![:\w]):([a-zA-Z]\w*)/g;

const declared = new Map<string, Statement<object>>();

/**
 * Declares a statement whose values are bound by name: `:nationalId`, also more than once. It is compiled once, when its module
 * loads; its text is a constant of the code.
 *
 * @param name unique in the program, in kebab case, such as `claim-alerts`
 * @param columns what its rows hold; `{}` for a statement whose rows are only counted
 * @throws Error when another statement has the name already
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

/** Lists every statement of the modules that are loaded. */
export const declaredStatements = (): Statement<object>[] => [...declared.values()];

/**
 * Turns what the builder put together into a statement and its values, for `query(...compose(…))`.
 *
 * @param query a query of `queryBuilder`. It can come to few texts only: each is prepared once a connection.
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

/** The name of a statement that has none of its own: its text's digest. */
export const nameOfText = (sql: string): string =>
  `ablagh_${createHash('sha1').update(sql).digest('hex').slice(0, 24)}`;

/** knex numbers each occurrence of a name; the same name is the same parameter here, so that it has one type. */
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
