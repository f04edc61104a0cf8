import { createLanePauses } from '../channels/lane-pauses';
import type { Queryable } from '../platform/database';
import type { Log } from '../platform/log';
import { isRestored } from '../restore/restores';
import { createFindings } from './findings';
import { linesInUse } from './lines-in-use';
import { measureDatabase } from './measure-database';
import { measureQueues, type ObservedBackend } from './measure-queues';
import { createMeasurements } from './measurements';
import { createProcesses } from './processes';
import { createTraffic } from './traffic';
import { findTrouble } from './watchdogs';

export interface ObserverDependencies {
  db: Queryable;
  backend: ObservedBackend;
  log: Log;
  /** Rial; a line with less is low on credit. */
  creditLow: number;
}

/** The milliseconds PostgreSQL was kept busy: by what it is asked itself, and by BullMQ counting the jobs it keeps there. */
export interface Cost {
  database: number;
  queues: number;
}

/**
 * Takes the measurements, keeps them for whoever shows them, looks for trouble, and removes what is too old.
 *
 * @param queuesToo whether the jobs are counted as well; else what was counted before stands
 */
export async function observe(deps: ObserverDependencies, queuesToo = true): Promise<Cost> {
  const { db, backend } = deps;
  const measurements = createMeasurements(db);
  const began = performance.now();
  const { measured: before } = await measurements.read();
  const ofDatabase = await measureDatabase(db);
  const turned = performance.now();
  const ofQueues = queuesToo ? await measureQueues(backend, before.redis ?? null) : {};
  const counted = performance.now();
  await measurements.store({ ...ofDatabase, ...ofQueues });
  await lookForTrouble(deps);
  await createTraffic(db).forgetOld();
  await createProcesses(db).forgetDead();
  return {
    database: turned - began + (performance.now() - counted),
    queues: backend.kind === 'redis' ? 0 : counted - turned,
  };
}

/** Tells of each trouble once, when it appears, and once more when it is over. */
async function lookForTrouble({ db, log, creditLow }: ObserverDependencies): Promise<void> {
  const { measured } = await createMeasurements(db).read();
  const trouble = findTrouble({
    measured,
    lines: await linesInUse(db),
    pauses: await createLanePauses(db).list(),
    processes: await createProcesses(db).list(),
    creditLow,
    restored: await isRestored(db),
  });
  const { appeared, over } = await createFindings(db).settle(trouble);
  for (const { rule, subject, detail } of appeared) log.error({ rule, subject, detail }, 'trouble');
  for (const { rule, subject } of over) log.info({ rule, subject }, 'trouble is over');
}
