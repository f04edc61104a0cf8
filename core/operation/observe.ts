import { createLanePauses } from '../channels/lane-pauses';
import type { Queryable } from '../platform/database';
import type { Log } from '../platform/log';
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

/**
 * Takes all measurements, keeps them for whoever shows them, looks for trouble, and removes what is too old.
 *
 * @returns the milliseconds PostgreSQL was kept busy
 */
export async function observe(deps: ObserverDependencies): Promise<number> {
  const { db, backend } = deps;
  const measurements = createMeasurements(db);
  const began = performance.now();
  const { measured: before } = await measurements.read();
  const ofDatabase = await measureDatabase(db);
  const turned = performance.now();
  const ofQueues = await measureQueues(backend, before.redis ?? null);
  const onRedis = backend.kind === 'redis' ? performance.now() - turned : 0;
  await measurements.store({ ...ofDatabase, ...ofQueues });
  await lookForTrouble(deps);
  await createTraffic(db).forgetOld();
  await createProcesses(db).forgetDead();
  return performance.now() - began - onRedis;
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
  });
  const { appeared, over } = await createFindings(db).settle(trouble);
  for (const { rule, subject, detail } of appeared) log.error({ rule, subject, detail }, 'trouble');
  for (const { rule, subject } of over) log.info({ rule, subject }, 'trouble is over');
}
