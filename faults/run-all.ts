import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forkEntry } from '../embedded/fork-entry';
import { startEmbeddedPostgres } from '../embedded/postgres/start-embedded-postgres';
import { migrate } from '../migrations/migrate';
import type { Fault, FaultResult } from './rig/fault';

export interface RunAllOptions {
  /** How many systems work under load at the same time. */
  concurrency: number;
  /** Whether what would take minutes is made due, and what is not done then is left on its way. */
  short: boolean;
  onResult(result: FaultResult, seconds: number): void;
}

/** Systems there may be at a time, counting those that only wait for what is left to be done. */
const MAX_LIVE_SYSTEMS = 10;

/** What the process of one fault tells: that its load has ended, and in the end what came of it. */
export type FaultMessage = 'quiet' | FaultResult;

/**
 * Runs the faults, each in processes of its own. A system whose load has ended costs next to nothing while it
 * waits for claims to grow old, so the next one starts beside it.
 *
 * @returns the results in the order given
 */
export async function runAll(
  faults: Fault[],
  { concurrency, short, onResult }: RunAllOptions,
): Promise<FaultResult[]> {
  const template = await makeTemplate();
  const busy = createSemaphore(concurrency);
  const alive = createSemaphore(MAX_LIVE_SYSTEMS);
  const run = async (fault: Fault): Promise<FaultResult> => {
    const leaveLife = await alive();
    const leaveLoad = await busy();
    const startedAt = Date.now();
    const result = await runOne(fault, template, short, leaveLoad);
    leaveLoad();
    leaveLife();
    onResult(result, Math.round((Date.now() - startedAt) / 1000));
    return result;
  };
  try {
    return await Promise.all(faults.map(run));
  } finally {
    rmSync(template, { recursive: true, force: true });
  }
}

/** Seats that are taken in the order of asking. @returns what takes one, and gives what leaves it again */
function createSemaphore(free: number): () => Promise<() => void> {
  const waiting: (() => void)[] = [];
  return async () => {
    if (free > 0) free -= 1;
    else await new Promise<void>((seated) => waiting.push(seated));
    let taken = true;
    return () => {
      if (!taken) return;
      taken = false;
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    };
  };
}

/** A migrated cluster that is copied for each fault, which takes a tenth of the time it takes to make one. */
async function makeTemplate(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'ablagh-template-'));
  // PostgreSQL runs as somebody else where we are root.
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
  onQuiet: () => void,
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
  let told: FaultResult | undefined;
  child.on('message', (message: FaultMessage) => {
    if (message === 'quiet') onQuiet();
    else told = message;
  });
  await once(child, 'exit');
  return told ?? crashedResult(fault);
}

const crashedResult = ({ name, description }: Fault): FaultResult => ({
  name,
  description,
  acknowledged: 0,
  sms: 0,
  emails: 0,
  unknown: 0,
  duplicates: 0,
  lost: 0,
  pending: 0,
  firstSentAfterSeconds: null,
  allSettledAfterSeconds: null,
  verdict: 'red',
  violations: ['it was broken off: see above'],
  remark: '',
});
