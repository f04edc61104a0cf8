import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../core/platform/database';
import { statement } from '../../core/platform/statement';
import type { SupervisedProcess } from './supervised-process';
import type { System } from './system';
import { until } from './until';

/** Any number that no other lock uses. */
const LATCH_LOCK_ID = 7_700_001;
/** The time after which a service manager restarts a dead process. */
const RESTART_DELAY_MS = 1_000;

/** A change to a table by one of the processes. */
export interface HeldStep {
  table: string;
  change: 'INSERT' | 'UPDATE' | 'DELETE';
  /** The name under which the process connects to PostgreSQL. */
  applicationName: 'ablagh-api' | 'ablagh-workers';
  /** A further condition of the trigger, such as `OLD.queue = 'views'`. */
  when?: string;
  /** The queue whose work is made due, because it may not come by itself while we wait. */
  queueMadeDue?: string;
}

/** Kills processes at once, and starts them again as a service manager would. */
export async function killAndRestart(
  children: SupervisedProcess[],
  meanwhile: () => Promise<unknown> = async () => {},
) {
  await Promise.all(children.map((child) => child.kill()));
  await meanwhile();
  await delay(RESTART_DELAY_MS);
  for (const child of children) child.start();
}

/**
 * Kills processes just as PostgreSQL is about to commit their change: all statements of the transaction have run, and none of
 * them will take effect.
 */
export const killBeforeCommit = (
  system: System,
  children: SupervisedProcess[],
  step: HeldStep,
): Promise<void> => killHeld(system, children, step, 'DEFERRABLE INITIALLY DEFERRED');

/** Kills processes while the statement that makes the change still runs: later statements have not begun. */
export const killInStatement = (
  system: System,
  children: SupervisedProcess[],
  step: HeldStep,
): Promise<void> => killHeld(system, children, step, 'NOT DEFERRABLE');

/** The moment at which the trigger that holds a change runs. */
type TriggerTiming = 'DEFERRABLE INITIALLY DEFERRED' | 'NOT DEFERRABLE';

async function killHeld(
  { postgres: { db } }: System,
  children: SupervisedProcess[],
  step: HeldStep,
  timing: TriggerTiming,
) {
  await placeLatch(db, step, timing);
  await whileLocked(db, `SELECT pg_advisory_xact_lock(${LATCH_LOCK_ID})`, async () => {
    const backends = await until(`${step.applicationName} is held at ${step.table}`, async () => {
      if (step.queueMadeDue) await db.query(MAKE_DUE, { queue: step.queueMadeDue });
      return findWaitingBackends(db, step.applicationName);
    });
    await killAndRestart(children, () => terminateBackends(db, backends));
  });
  await db.query(`DROP FUNCTION hold() CASCADE`);
}

/**
 * Kills processes while one of their statements waits for a table; PostgreSQL goes on with the statement afterwards.
 *
 * @param statementName its name begins its text; other statements may wait for the table as well
 */
export async function killWaitingForTable(
  { postgres: { db } }: System,
  children: SupervisedProcess[],
  { table, statementName }: { table: string; statementName: string },
): Promise<void> {
  await whileLocked(db, `LOCK TABLE ${table} IN SHARE MODE`, async () => {
    await until(`a worker waits for ${table}`, () =>
      findWaitingBackends(db, 'ablagh-workers', `/* ${statementName} */`),
    );
    await killAndRestart(children);
  });
}

async function whileLocked(db: Database, lock: string, work: () => Promise<void>): Promise<void> {
  const client = await db.pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(lock);
    await work();
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

/** Creates a trigger that waits for as long as we hold the latch. */
async function placeLatch(
  db: Database,
  { table, change, applicationName, when = 'true' }: HeldStep,
  timing: TriggerTiming,
): Promise<void> {
  await db.query(`
    CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock_shared(${LATCH_LOCK_ID}); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER hold AFTER ${change} ON ${table} ${timing}
      FOR EACH ROW WHEN (current_setting('application_name') = '${applicationName}' AND ${when}) EXECUTE FUNCTION hold()`);
}

const SELECT_WAITING_BACKENDS = statement<{ pid: number }>(
  'faults-select-waiting-backends',
  `SELECT pid FROM pg_stat_activity
    WHERE application_name = :applicationName AND wait_event_type = 'Lock' AND strpos(query, :text) > 0`,
  { pid: 'int4' },
);

/** Finds the connections in which such a statement waits for a lock; null while there are none. */
async function findWaitingBackends(
  db: Database,
  applicationName: string,
  text = '',
): Promise<number[] | null> {
  const rows = await db.query(SELECT_WAITING_BACKENDS, { applicationName, text });
  return rows.length > 0 ? rows.map(({ pid }) => pid) : null;
}

/** Permits are left out: they must not be worked on before their time. */
const MAKE_DUE = statement(
  'faults-make-due',
  `UPDATE outbox SET run_at = now(), relay_at = now()
    WHERE queue = :queue AND queue <> 'permits' AND run_at > now()`,
  {},
);

/** Ends the statements of the killed clients, which PostgreSQL would otherwise finish and commit. */
const terminateBackends = (db: Database, backends: number[]) =>
  db.query('SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) t(pid)', [backends]);
