import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultNamed } from './catalogue';
import { leftOut, runFault } from './rig/experiment';
import type { Result } from './rig/fault';

/**
 * Runs one fault in a process of its own and tells the result to its parent. In the environment `FAULT` names
 * it, `TEMPLATE` is a folder with a migrated cluster, and `PATIENCE` the milliseconds until what is still on its
 * way is left to be so.
 */
async function main(): Promise<void> {
  const { FAULT = '', TEMPLATE = '', PATIENCE } = process.env;
  const fault = faultNamed(FAULT);
  const dataDir = mkdtempSync(join(tmpdir(), `ablagh-${FAULT}-`));
  // PostgreSQL runs as somebody else where we are root.
  chmodSync(dataDir, 0o755);
  const cleanUp = fault.prepare?.(dataDir);
  if (cleanUp) process.once('exit', cleanUp);
  const result = cleanUp === false ? leftOut(fault) : await runInFolder(dataDir, TEMPLATE, PATIENCE);
  tell(result);
  if (result.verdict === 'red')
    process.stderr.write(`${FAULT}: what its processes said is in ${dataDir}/logs\n`);
  else rmSync(dataDir, { recursive: true, force: true });

  async function runInFolder(folder: string, template: string, patience?: string): Promise<Result> {
    const isPrepared = existsSync(join(template, 'postgres'));
    if (isPrepared) execFileSync('cp', ['-a', `${template}/.`, folder]);
    return runFault(fault, folder, patience ? Number(patience) : undefined);
  }
}

const tell = (result: Result) => process.send?.(result);

for (const signal of ['SIGINT', 'SIGTERM', 'disconnect'] as const)
  process.once(signal, () => process.exit(1));
// A request of ours that was broken off by what we did ourselves must not end the run.
process.on('unhandledRejection', () => {});

main().then(
  () => process.exit(0),
  (error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  },
);
