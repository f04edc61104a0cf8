import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../core/platform/database';
import type { SupervisedProcess } from './supervised-process';
import type { System } from './system';
import { until } from './until';

/** Any number nobody else locks. */
const LATCH_LOCK_ID = 7_700_001;
/** How long a service manager takes to start again what died. */
const RESTART_DELAY_MS = 1_000;

/** A table and what is done to it, and by whom. */
export interface HeldStep {
  table: string;
  change: 'INSERT' | 'UPDATE' | 'DELETE';
  /** The name the process gives PostgreSQL. */
  applicationName: 'ablagh-api' | 'ablagh-workers';
  /** More of the trigger's condition, such as `OLD.queue = 'views'`. */
  when?: string;
  /** The queue whose work need not come of its own accord while we wait. */
  queueMadeDue?: string;
}

/** Kills processes at once, and starts them again as a service manager would. */
export async function killAndRestart(
  hosts: SupervisedProcess[],
  meanwhile: () => Promise<unknown> = async () => {},
) {
  await Promise.all(hosts.map((host) => host.kill()));
  await meanwhile();
  await delay(RESTART_DELAY_MS);
  for (const host of hosts) host.start();
}

/**
 * Kills processes at the very moment when PostgreSQL is about to commit a step of theirs: all its statements
 * have run, and none of it will have happened.
 */
export const killBeforeCommit = (system: System, hosts: SupervisedProcess[], step: HeldStep): Promise<void> =>
  killHeld(system, hosts, step, 'DEFERRABLE INITIALLY DEFERRED');

/** The same while the statement that makes the change still runs: what was to follow it has not begun. */
export const killInStatement = (system: System, hosts: SupervisedProcess[], step: HeldStep): Promise<void> =>
  killHeld(system, hosts, step, 'NOT DEFERRABLE');

/** When the trigger that holds a step runs. */
type TriggerTiming = 'DEFERRABLE INITIALLY DEFERRED' | 'NOT DEFERRABLE';

async function killHeld(
  { postgres: { db } }: System,
  hosts: SupervisedProcess[],
  step: HeldStep,
  timing: TriggerTiming,
) {
  await placeLatch(db, step, timing);
  await whileLocked(db, `SELECT pg_advisory_xact_lock(${LATCH_LOCK_ID})`, async () => {
    const backends = await until(`${step.applicationName} is held at ${step.table}`, async () => {
      if (step.queueMadeDue) await db.query(MAKE_DUE, [step.queueMadeDue]);
      return findWaitingBackends(db, step.applicationName);
    });
    await killAndRestart(hosts, () => terminateBackends(db, backends));
  });
  await db.query(`DROP FUNCTION hold() CASCADE`);
}

/**
 * Kills processes while a statement of theirs waits for a table; PostgreSQL goes on with it afterwards.
 *
 * @param doing a piece of that statement, from its first thousand characters: others may wait for the table as well
 */
export async function killWaitingForTable(
  { postgres: { db } }: System,
  hosts: SupervisedProcess[],
  { table, doing }: { table: string; doing: string },
): Promise<void> {
  await whileLocked(db, `LOCK TABLE ${table} IN SHARE MODE`, async () => {
    await until(`a worker waits for ${table}`, () => findWaitingBackends(db, 'ablagh-workers', doing));
    await killAndRestart(hosts);
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

/** A trigger that waits for as long as we hold the latch. */
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

/** The connections of these processes in which such a statement waits for a lock; null while none does. */
async function findWaitingBackends(db: Database, by: string, doing = ''): Promise<number[] | null> {
  const rows = await db.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity
      WHERE application_name = $1 AND wait_event_type = 'Lock' AND strpos(query, $2) > 0`,
    [by, doing],
  );
  return rows.length > 0 ? rows.map(({ pid }) => pid) : null;
}

/** All but what is not to be worked on before its time. */
const MAKE_DUE = `
  UPDATE outbox SET run_at = now(), relay_at = now()
   WHERE queue = $1 AND queue <> 'permits' AND run_at > now()`;

/** PostgreSQL goes on with the statement of a client that is gone, and commits it. */
const terminateBackends = (db: Database, backends: number[]) =>
  db.query('SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) t(pid)', [backends]);
