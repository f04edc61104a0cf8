import { createLanePauses } from '../../channels/lane-pauses';
import type { Queryable } from '../../platform/database';
import type { Log } from '../../platform/log';
import { isRestored } from '../../restore/resume-after-restore';
import { createFindings } from '../findings';
import { linesInUse } from '../lines-in-use';
import { createProcesses } from '../processes';
import { createTraffic } from '../traffic/traffic';
import { runWatchdogs } from '../watchdogs';
import { measureDatabase } from './measure-database';
import { measureQueues, type ObservedBackend } from './measure-queues';
import { createMeasurements } from './measurements';

export interface ObserverDependencies {
  db: Queryable;
  backend: ObservedBackend;
  log: Log;
  /** Rial; a line with less is low on credit. */
  lowCreditRials: number;
}

/** The milliseconds PostgreSQL was kept busy: by what it is asked itself, and by BullMQ counting the jobs it keeps there. */
export interface ObservationCost {
  databaseMs: number;
  queuesMs: number;
}

/**
 * Takes the measurements, keeps them for whoever shows them, looks for trouble, and removes what is too old.
 *
 * @param queuesToo whether the jobs are counted as well; else what was counted before stands
 */
export async function observe(deps: ObserverDependencies, queuesToo = true): Promise<ObservationCost> {
  const { db, backend } = deps;
  const measurements = createMeasurements(db);
  const began = performance.now();
  const { measured: before } = await measurements.read();
  const ofDatabase = await measureDatabase(db);
  const turned = performance.now();
  const ofQueues = queuesToo ? await measureQueues(backend, before.redis ?? null) : {};
  const counted = performance.now();
  await measurements.store({ ...ofDatabase, ...ofQueues });
  await updateFindings(deps);
  await createTraffic(db).purgeOld();
  await createProcesses(db).purgeDead();
  return {
    databaseMs: turned - began + (performance.now() - counted),
    queuesMs: backend.kind === 'redis' ? 0 : counted - turned,
  };
}

/** Tells of each trouble once, when it appears, and once more when it is over. */
async function updateFindings({ db, log, lowCreditRials }: ObserverDependencies): Promise<void> {
  const { measured } = await createMeasurements(db).read();
  const trouble = runWatchdogs({
    measured,
    lines: await linesInUse(db),
    pauses: await createLanePauses(db).list(),
    processes: await createProcesses(db).list(),
    lowCreditRials,
    restored: await isRestored(db),
  });
  const { appeared, over } = await createFindings(db).reconcile(trouble);
  for (const { rule, subject, detail } of appeared) log.error({ rule, subject, detail }, 'trouble');
  for (const { rule, subject } of over) log.info({ rule, subject }, 'trouble is over');
}
