import { once } from 'node:events';
import { Client } from 'pg';

/**
 * The baseline of `intake`, in a process of its own: the rows of an intake are read from the database the API wrote them to, and
 * inserted into another one, with one statement per table and one transaction per 500 notices, and without look-ups or checks. The
 * first rows are the warm-up. The process reports to its parent when it is ready, starts on a message, and reports the seconds.
 */
interface Table {
  name: string;
  /** Name and type of each column, in the order of the arrays. */
  columns: [string, string][];
  /** Whether the values of identity columns are inserted as they were. */
  overriding: boolean;
  /** SQL that reads the rows of one group of notices. */
  read: string;
}

const NOTICES_PER_TRANSACTION = 500;

const parseColumns = (list: string): [string, string][] =>
  list.split(', ').map((entry) => entry.split(' ') as [string, string]);

const TABLES: Table[] = [
  {
    name: 'notices',
    columns: parseColumns(
      'id uuid, source_id int, reference text, content_hash bytea, tracking_number bigint, employer_id bigint, ' +
        'workshop_code text, subject text, sms_text text, kind text, priority text, accepted_at timestamptz, ' +
        'registered_at timestamptz',
    ),
    overriding: false,
    read: 'SELECT $columns FROM notices n WHERE n.id = ANY($1) ORDER BY n.id',
  },
  {
    name: 'alerts',
    columns: parseColumns(
      'id bigint, notice_id uuid, source_id int, channel text, lane text, address text, expires_at timestamptz',
    ),
    overriding: true,
    read: 'SELECT $columns FROM alerts WHERE notice_id = ANY($1) ORDER BY id',
  },
  {
    name: 'outbox',
    columns: parseColumns(
      'id bigint, queue text, subject_ids bigint[], run_at timestamptz, relay_at timestamptz',
    ),
    overriding: true,
    read: 'SELECT $columns FROM outbox WHERE subject_ids[1] IN (SELECT a.id FROM alerts a WHERE a.notice_id = ANY($1)) ORDER BY id',
  },
  {
    name: 'events',
    columns: parseColumns('source_id int, type text, notice_id uuid, actor text, data json'),
    overriding: false,
    read: 'SELECT $columns FROM events WHERE notice_id = ANY($1) ORDER BY seq',
  },
];

/** Returns the type a column is sent as. A column that holds an array goes as text, because `unnest` flattens arrays of arrays. */
const arrayElementType = (type: string): string => (type.endsWith('[]') ? 'text' : type);

const statementOf = ({ name, columns, overriding }: Table) => {
  const names = columns.map(([of]) => of).join(', ');
  return {
    name,
    text: `INSERT INTO ${name} (${names}) ${overriding ? 'OVERRIDING SYSTEM VALUE' : ''}
         SELECT ${columns.map(([of, type]) => `${of}::${type}`).join(', ')}
           FROM unnest(${columns.map(([, type], i) => `$${i + 1}::${arrayElementType(type)}[]`).join(', ')}) AS rows(${names})`,
  };
};
const STATEMENTS = TABLES.map(statementOf);

/** The values of one transaction: for each table, one array per column. */
type Group = unknown[][][];

async function readGroups(client: Client): Promise<Group[]> {
  // No other code looks outbox rows up by their subjects; without an index each group would read all of them.
  await client.query('CREATE INDEX ON outbox ((subject_ids[1]))');
  await client.query('ANALYZE');
  const { rows } = await client.query<{ id: string }>('SELECT id FROM notices ORDER BY id');
  const groups: Group[] = [];
  for (let from = 0; from < rows.length; from += NOTICES_PER_TRANSACTION) {
    const ids = rows.slice(from, from + NOTICES_PER_TRANSACTION).map(({ id }) => id);
    const group: Group = [];
    for (const { columns, read } of TABLES) {
      const list = columns.map(([of, type]) =>
        ['json', 'timestamptz', 'bigint[]'].includes(type) ? `${of}::text` : of,
      );
      const found = await client.query<unknown[]>({
        text: read.replace('$columns', list.join(', ')),
        values: [ids],
        rowMode: 'array',
      });
      group.push(columns.map((_, i) => found.rows.map((row) => row[i])));
    }
    groups.push(group);
  }
  return groups;
}

async function insert(client: Client, groups: Group[]): Promise<void> {
  for (const group of groups) {
    await client.query('BEGIN');
    for (const [i, values] of group.entries()) await client.query({ ...STATEMENTS[i], values } as never);
    await client.query('COMMIT');
  }
}

async function main(): Promise<void> {
  process.on('disconnect', () => process.exit(0));
  const source = new Client({ connectionString: process.env.SOURCE_URL });
  const target = new Client({ connectionString: process.env.DATABASE_URL });
  await Promise.all([source.connect(), target.connect()]);
  const groups = await readGroups(source);
  await source.end();
  const warm = Math.ceil(Number(process.env.WARM_UP) / NOTICES_PER_TRANSACTION);
  await insert(target, groups.slice(0, warm));
  process.send?.({ ready: true });
  await once(process, 'message');
  const began = performance.now();
  await insert(target, groups.slice(warm));
  process.send?.({ seconds: (performance.now() - began) / 1000 });
}

void main();
