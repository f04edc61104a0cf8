import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forkEntry } from '../embedded/fork-entry';
import { startEmbeddedPostgres } from '../embedded/postgres/start-embedded-postgres';
import { migrate } from '../migrations/migrate';
import { emptyResult, type Fault, type FaultResult } from './rig/fault';

export interface RunAllOptions {
  /** The number of systems under load at the same time. */
  concurrency: number;
  /** Whether slow steps are made due, and alerts that are not final soon after are left pending. */
  short: boolean;
  onResult(result: FaultResult, seconds: number): void;
}

/** The number of systems at a time, including the systems that only wait for their last alerts. */
const MAX_LIVE_SYSTEMS = 10;

/** A message from the process of one fault: its load has ended, and at last its result. */
export type FaultMessage = 'load-ended' | FaultResult;

/**
 * Runs the faults, each in processes of its own. A system whose load has ended costs next to nothing while it waits for claims
 * to grow old, so the next system starts beside it.
 *
 * @returns the results in the order of the faults
 */
export async function runAll(
  faults: Fault[],
  { concurrency, short, onResult }: RunAllOptions,
): Promise<FaultResult[]> {
  const template = await makeTemplate();
  const acquireLoad = createSemaphore(concurrency);
  const acquireSystem = createSemaphore(MAX_LIVE_SYSTEMS);
  const run = async (fault: Fault): Promise<FaultResult> => {
    const releaseSystem = await acquireSystem();
    const releaseLoad = await acquireLoad();
    const startedAt = Date.now();
    const result = await runOne(fault, template, short, releaseLoad);
    releaseLoad();
    releaseSystem();
    onResult(result, Math.round((Date.now() - startedAt) / 1000));
    return result;
  };
  try {
    return await Promise.all(faults.map(run));
  } finally {
    rmSync(template, { recursive: true, force: true });
  }
}

/** Makes a semaphore that serves waiters in their order. @returns a function that acquires a slot and gives its release */
function createSemaphore(free: number): () => Promise<() => void> {
  const waiting: (() => void)[] = [];
  return async () => {
    if (free > 0) free -= 1;
    else await new Promise<void>((acquired) => waiting.push(acquired));
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    };
  };
}

/** Makes a migrated cluster that is copied for each fault: a copy takes a tenth of the time of a new cluster. */
async function makeTemplate(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'ablagh-template-'));
  // PostgreSQL runs as another user where we are root.
  chmodSync(folder, 0o755);
  const postgres = await startEmbeddedPostgres({ dataDir: folder });
  try {
    await migrate(postgres.url);
  } finally {
    await postgres.stop();
  }
  return folder;
}

async function runOne(
  fault: Fault,
  template: string,
  short: boolean,
  onLoadEnded: () => void,
): Promise<FaultResult> {
  const child = forkEntry('../faults/fault-process', {
    env: {
      ...process.env,
      FAULT: fault.name,
      TEMPLATE: template,
      ...(short && { SHORT: '1' }),
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let result: FaultResult | undefined;
  child.on('message', (message: FaultMessage) => {
    if (message === 'load-ended') onLoadEnded();
    else result = message;
  });
  await once(child, 'exit');
  return result ?? crashedResult(fault);
}

const crashedResult = (fault: Fault): FaultResult =>
  emptyResult(fault, { verdict: 'red', violations: ['it was broken off: see above'], remark: '' });
