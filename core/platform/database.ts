import { type ClientBase, Pool, type PoolClient, type PoolConfig, type QueryConfig } from 'pg';
import { codeOf, Unavailable } from './errors';
import { nameOfText, orderValues, type Statement } from './statement';

/** Runs SQL, on the pool or in one transaction. */
export interface Queryable {
  /**
   * Runs one statement: a declared one with its values by name, or a short text with at most three values by position, whose
   * rows are not read. Texts are constants of the code, or come from `compose`.
   *
   * @returns the rows. `bigint`, `numeric` and `xid8` arrive as text, `timestamptz` as Date.
   * @throws Unavailable when PostgreSQL cannot be reached or refuses connections.
   */
  query<Row extends object = Record<never, never>>(
    statement: Statement<Row> | string,
    values?: StatementValues,
  ): Promise<NoInfer<Row>[]>;
}

/** Values by the names of a statement's bindings; in their order for a short text and for what `compose` gives. */
export type StatementValues = Readonly<Record<string, unknown>> | readonly unknown[];

export interface Database extends Queryable {
  /**
   * Runs `work` in a transaction, which is committed unless `work` throws. `work` must use only the Queryable it is given.
   *
   * @throws Unavailable when PostgreSQL cannot be reached; the error of `work` otherwise
   */
  transaction<T>(work: (trx: Queryable) => Promise<T>): Promise<T>;
  readonly pool: Pool;
  close(): Promise<void>;
}

/**
 * SQLSTATE classes and codes after which the same statement may succeed later: connection (but not a breach of its protocol),
 * resources, shutdown, timeout, read-only, deadlock.
 */
const UNAVAILABLE_SQLSTATE = /^(08(?!P01)|53|57P0[123]$|57014$|25006$|40P01$)/;
const UNAVAILABLE_ERRNO = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENOENT',
]);
const UNAVAILABLE_MESSAGE =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error/;

function asUnavailable(error: unknown): unknown {
  return UNAVAILABLE_SQLSTATE.test(codeOf(error) ?? '') || isConnectionLost(error)
    ? new Unavailable('postgres', { cause: error })
    : error;
}

/** Tells whether the connection itself failed, so that no further answer can come from it. */
function isConnectionLost(error: unknown): boolean {
  const { message = '' } = error as { message?: string };
  return UNAVAILABLE_ERRNO.has(codeOf(error) ?? '') || UNAVAILABLE_MESSAGE.test(message);
}

/** Names of texts that ran before, because each name takes a digest. */
const namesOfTexts = new Map<string, string>();

function nameOf(text: string): string {
  const known = namesOfTexts.get(text);
  if (known) return known;
  const name = nameOfText(text);
  namesOfTexts.set(text, name);
  return name;
}

const isOrdered = (values: StatementValues): values is readonly unknown[] => Array.isArray(values);

/**
 * Builds the query for pg. Statements with values have a name, so each connection prepares them once: planning a statement takes
 * longer than running it for a single row.
 */
function queryConfig(statement: Statement<object> | string, values: StatementValues = {}): QueryConfig {
  const ordered = isOrdered(values);
  if (typeof statement !== 'string')
    return {
      name: statement.name,
      text: statement.text,
      values: ordered ? [...values] : orderValues(statement, values),
    };
  if (ordered) return { name: nameOf(statement), text: statement, values: [...values] };
  return { text: statement };
}

/** Runs statements on a pool, or on a connection that another part of the program opened. */
export function createQueryable(connection: Pool | ClientBase): Queryable {
  return {
    async query<Row extends object>(statement: Statement<Row> | string, values?: StatementValues) {
      const config = queryConfig(statement, values);
      try {
        return (await connection.query(config)).rows as Row[];
      } catch (error) {
        throw asUnavailable(error);
      }
    },
  };
}

/** BullMQ on PostgreSQL uses this pool, and names its tables without their schema. */
const SEARCH_PATH = '-c search_path=public,bullmq';

/** Time PostgreSQL may take to report that it cancelled a statement. */
const CANCEL_GRACE_MS = 5_000;

/** Commits, and checks the answer: when a statement of the transaction failed, PostgreSQL answers COMMIT with ROLLBACK, without an error. */
async function commit(client: PoolClient): Promise<void> {
  const { command } = await client.query('COMMIT').catch((error: unknown) => {
    throw asUnavailable(error);
  });
  if (command !== 'COMMIT')
    throw new Error('A statement of the transaction failed, so none of it was committed.');
}

/**
 * Opens a pool. It connects with the first query; an unreachable server fails the query, not the process.
 *
 * @param max connections
 * @param statementTimeout milliseconds after which PostgreSQL cancels a statement; 0 for no limit, and then a query to a host that
 *   vanished waits without limit too
 * @param name of the connections in `pg_stat_activity`
 * @param keyLookupsOnly makes the planner prefer indexes. For workers, which read rows by their keys only: a plan that was made while
 *   a table was small must not scan the whole table once it has grown
 */
export function createDatabase(
  connectionString: string,
  { max = 10, statementTimeout = 30_000, name = 'ablagh', keyLookupsOnly = false } = {},
): Database {
  const options: PoolConfig = {
    connectionString,
    max,
    application_name: name,
    connectionTimeoutMillis: 3_000,
    statement_timeout: statementTimeout,
    // A host that vanished sends no answer, not even that a statement was cancelled.
    ...(statementTimeout > 0 && { query_timeout: statementTimeout + CANCEL_GRACE_MS }),
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    options: keyLookupsOnly ? `${SEARCH_PATH} -c enable_seqscan=off -c random_page_cost=1.1` : SEARCH_PATH,
  };
  const pool = new Pool(options);
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {});
  // The same holds for a connection that breaks while BullMQ uses it without a listener; its query fails all the same.
  pool.on('connect', (client) => client.on('error', () => {}));
  return {
    ...createQueryable(pool),
    pool,
    transaction: (work) => runTransaction(pool, work),
    close: () => pool.end(),
  };
}

async function runTransaction<T>(pool: Pool, work: (trx: Queryable) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw asUnavailable(error);
  });
  let broken: Error | undefined;
  // Between two statements, this is the only listener for a broken connection.
  const onError = (error: Error) => {
    broken = error;
  };
  client.on('error', onError);
  try {
    const trx = createQueryable(client);
    await trx.query('BEGIN');
    const result = await work(trx);
    await commit(client);
    return result;
  } catch (error) {
    // PostgreSQL rolls a lost connection back by itself; a ROLLBACK would only wait for the timeout once more.
    if (error instanceof Unavailable && isConnectionLost(error.cause)) broken = error;
    else {
      await client.query('ROLLBACK').catch((failure: Error) => {
        broken = failure;
      });
    }
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}
