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

/** The milliseconds PostgreSQL was kept busy: by our own statements, and by BullMQ counting the jobs it keeps there. */
export interface ObservationCost {
  databaseMs: number;
  queuesMs: number;
}

/**
 * Runs one round of the observer: takes and stores the measurements, updates the findings, and purges old rows.
 *
 * @param queuesToo whether the jobs are counted as well; otherwise the last counts stay
 */
export async function observe(deps: ObserverDependencies, queuesToo = true): Promise<ObservationCost> {
  const { db, backend } = deps;
  const measurements = createMeasurements(db);
  const startMs = performance.now();
  const { measured: before } = await measurements.read();
  const ofDatabase = await measureDatabase(db);
  const queuesStartMs = performance.now();
  const ofQueues = queuesToo ? await measureQueues(backend, before.redis ?? null) : {};
  const queuesEndMs = performance.now();
  await measurements.store({ ...ofDatabase, ...ofQueues });
  await updateFindings(deps);
  await createTraffic(db).purgeOld();
  await createProcesses(db).purgeDead();
  return {
    databaseMs: queuesStartMs - startMs + (performance.now() - queuesEndMs),
    queuesMs: backend.kind === 'redis' ? 0 : queuesEndMs - queuesStartMs,
  };
}

/** Logs each finding once as an error when it appears, and once more when it is resolved. */
async function updateFindings({ db, log, lowCreditRials }: ObserverDependencies): Promise<void> {
  const { measured } = await createMeasurements(db).read();
  const found = runWatchdogs({
    measured,
    lines: await linesInUse(db),
    pauses: await createLanePauses(db).list(),
    processes: await createProcesses(db).list(),
    lowCreditRials,
    restored: await isRestored(db),
  });
  const { appeared, resolved } = await createFindings(db).reconcile(found);
  for (const { rule, subject, detail } of appeared) log.error({ rule, subject, detail }, 'trouble');
  for (const { rule, subject } of resolved) log.info({ rule, subject }, 'trouble is over');
}
