import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFault } from './catalogue';
import type { Fault, FaultResult } from './rig/fault';
import { leftOutResult, runFault } from './rig/run-fault';
import type { FaultMessage } from './run-all';

/**
 * Runs one fault in a process of its own and sends the result to its parent. The environment holds the fault's name as `FAULT`,
 * a folder with a migrated cluster as `TEMPLATE`, and `SHORT` in a short run, where slow steps are made due.
 */
async function main(): Promise<void> {
  const { FAULT = '', TEMPLATE = '', SHORT } = process.env;
  const fault = findFault(FAULT);
  const dataDir = mkdtempSync(join(tmpdir(), `ablagh-${FAULT}-`));
  // PostgreSQL runs as another user where we are root.
  chmodSync(dataDir, 0o755);
  const cleanUp = fault.prepare?.(dataDir);
  if (cleanUp) process.once('exit', cleanUp);
  let result: FaultResult | undefined;
  try {
    result =
      cleanUp === false
        ? leftOutResult(fault)
        : await runInFolder(fault, dataDir, TEMPLATE, SHORT !== undefined);
    sendToParent(result);
  } finally {
    if (!result || result.verdict === 'red') copyLogs(dataDir);
    if (cleanUp) {
      process.off('exit', cleanUp);
      cleanUp();
    }
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function runInFolder(
  fault: Fault,
  folder: string,
  template: string,
  short: boolean,
): Promise<FaultResult> {
  const isPrepared = existsSync(join(template, 'postgres'));
  if (isPrepared) execFileSync('cp', ['-a', `${template}/.`, folder]);
  return runFault(fault, folder, { short, onLoadEnded: () => sendToParent('load-ended') });
}

function copyLogs(folder: string): void {
  const logs = join(folder, 'logs');
  if (!existsSync(logs)) return;
  cpSync(logs, `${folder}-logs`, { recursive: true });
  process.stderr.write(`What its processes said is in ${folder}-logs\n`);
}

const sendToParent = (what: FaultMessage) => process.send?.(what);

for (const signal of ['SIGINT', 'SIGTERM', 'disconnect'] as const)
  process.once(signal, () => process.exit(1));
// A request of the rig that the fault itself broke off must not end the run.
process.on('unhandledRejection', () => {});

main().then(
  () => process.exit(0),
  (error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  },
);
