import type { Client, Submittable } from 'pg';
import type { Statement } from '../../core/platform/statement';

/** A column of a statement's rows, as PostgreSQL describes it before the statement runs. */
interface DescribedColumn {
  name: string;
  dataTypeID: number;
  /** The table the column comes from; 0 for an expression. */
  tableID: number;
  columnID: number;
}

/** A node of a plan in EXPLAIN's JSON. */
interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'CTE Name'?: string;
  'Subplan Name'?: string;
  'Parent Relationship'?: string;
  'Join Type'?: string;
  Plans?: PlanNode[];
}

/** The names under which a declaration may write these types. */
const WRITTEN_AS: Record<string, string> = { varchar: 'text', bpchar: 'text' };

/**
 * Compares the declared columns of statements with what PostgreSQL says of them: names, types, and whether the column of a table may
 * hold null, be it by itself or because an outer join may find no row. Whether an expression may be null PostgreSQL does not say.
 */
export async function createStatementDescriber(client: Client) {
  const types = new Map(
    (await client.query<{ oid: number; name: string }>(TYPES)).rows.map(({ oid, name }) => [oid, name]),
  );
  const columns = new Map(
    (await client.query<{ key: string; table: string; name: string; nullable: boolean }>(COLUMNS)).rows.map(
      (row) => [row.key, row],
    ),
  );

  /** The fault of one column, or null. */
  function faultOf(
    { name, dataTypeID, tableID, columnID }: DescribedColumn,
    declared: string,
    plan: PlanNode | null,
  ) {
    const type = types.get(dataTypeID) ?? `${dataTypeID}`;
    const written = WRITTEN_AS[type] ?? type;
    if (declared.replace('?', '') !== written) return `${name} is ${written}, declared as ${declared}`;
    const source = columns.get(`${tableID}.${columnID}`);
    const canBeNull =
      source &&
      plan &&
      ((source.nullable && !isFiltered(plan, source.name)) || isOuterOnly(plan, source.table));
    return canBeNull && !declared.endsWith('?') ? `${name} may be null, declared as ${declared}` : null;
  }

  return {
    /** Lists the differences, one sentence each; none when the declaration is right. */
    async differences({ text, columns: declared }: Statement<object>): Promise<string[]> {
      const given = await describeColumns(client, text);
      if (Object.keys(declared).length === 0) return [];
      const plan = given.some(({ tableID }) => tableID > 0) ? await explain(client, text) : null;
      const names = new Set(given.map(({ name }) => name));
      const missing = Object.keys(declared).filter((name) => !names.has(name));
      const faults = given.map((column) => {
        const type = declared[column.name];
        return type ? faultOf(column, type, plan) : `${column.name} is given and not declared`;
      });
      return [
        ...missing.map((name) => `${name} is declared and not given`),
        ...faults.filter((fault) => fault !== null),
      ];
    },
  };
}

const TYPES = `
  SELECT t.oid, CASE WHEN e.oid IS NULL THEN t.typname ELSE e.typname || '[]' END AS name
    FROM pg_type t LEFT JOIN pg_type e ON e.typarray = t.oid`;
const COLUMNS = `
  SELECT attrelid || '.' || attnum AS key, relname AS table, attname AS name, NOT attnotnull AS nullable
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE attnum > 0 AND relnamespace = 'public'::regnamespace`;

/** Asks PostgreSQL to parse a statement, and for the columns of its rows; it does not run. */
const describeColumns = (client: Client, text: string): Promise<DescribedColumn[]> =>
  new Promise((resolve, reject) => {
    let columns: DescribedColumn[] = [];
    const description = {
      submit(connection: {
        parse(query: { text: string; types: [] }): void;
        describe(statement: { type: 'S' }): void;
        sync(): void;
      }) {
        connection.parse({ text, types: [] });
        connection.describe({ type: 'S' });
        connection.sync();
      },
      handleRowDescription: ({ fields }: { fields: DescribedColumn[] }) => {
        columns = fields;
      },
      handleError: reject,
      handleReadyForQuery: () => resolve(columns),
    };
    client.query(description as unknown as Submittable);
  });

async function explain(client: Client, text: string): Promise<PlanNode> {
  const { rows } = await client.query(`EXPLAIN (GENERIC_PLAN, VERBOSE, FORMAT JSON) ${text}`);
  return rows[0]['QUERY PLAN'][0].Plan;
}

/** Whether the statement asks for rows in which this column is not null. */
const isFiltered = (plan: PlanNode, column: string): boolean =>
  new RegExp(`\\b${column} IS NOT NULL`).test(JSON.stringify(plan));

/** Whether each scan of a table stands on the side of an outer join that may find no row. */
function isOuterOnly(root: PlanNode, table: string): boolean {
  const sides = [...scansOf(root, root, table, false)];
  return sides.length > 0 && sides.every(Boolean);
}

function* scansOf(root: PlanNode, node: PlanNode, table: string, isOuter: boolean): Generator<boolean> {
  if (node['Relation Name'] === table) yield isOuter;
  if (node['Node Type'] === 'CTE Scan') {
    const body = root.Plans?.find((plan) => plan['Subplan Name'] === `CTE ${node['CTE Name']}`);
    if (body) yield* scansOf(root, body, table, isOuter);
  }
  for (const child of node.Plans ?? []) {
    if (child['Subplan Name']?.startsWith('CTE ')) continue;
    yield* scansOf(
      root,
      child,
      table,
      isOuter || isEmptySide(node['Join Type'], child['Parent Relationship']),
    );
  }
}

/** Whether a child of a join gives nulls where the other side has no match. */
const isEmptySide = (join: string | undefined, child: string | undefined): boolean =>
  join === 'Full' || (join === 'Left' && child === 'Inner') || (join === 'Right' && child === 'Outer');
