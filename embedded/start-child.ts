import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { AblaghError } from '../core/platform/errors';
import { forkEntry } from './fork-entry';

export interface Child {
  name: string;
  /** Asks the process to end and waits; after `STOP_GRACE_MS` it is killed. */
  close(): Promise<void>;
}

export interface ChildSettings {
  name: string;
  /** Path of the process's entry inside `embedded/`, without extension. */
  entry: string;
  env: NodeJS.ProcessEnv;
  logDir: string;
  /** Whether the process does its work by now. */
  isReady: () => Promise<boolean>;
}

const STOP_GRACE_MS = 35_000;
const START_TIMEOUT_MS = 30_000;
const RESTART_DELAY_MS = 1_000;

/** The process could not be started; the message holds its output. */
export class ChildStartFailed extends AblaghError {
  constructor(name: string, output: string) {
    super('part_failed', `${name} did not start.\n${output}`);
  }
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

/**
 * Runs a production entry as a process of its own and starts it again when it dies, so that killing it shows what production
 * does. The log goes to a file; warnings and errors also go to the terminal.
 *
 * @throws ChildStartFailed
 */
export async function startChild({ name, entry, env, logDir, isReady }: ChildSettings): Promise<Child> {
  mkdirSync(logDir, { recursive: true });
  const file = createWriteStream(join(logDir, `${name}.log`), { flags: 'a' });
  let closing = false;
  let output = '';

  const start = (): ChildProcess => {
    const child = forkEntry(entry, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    for (const input of [child.stdout, child.stderr]) {
      if (!input) continue;
      createInterface({ input }).on('line', (line) => {
        file.write(`${line}\n`);
        output = `${output}${line}\n`.slice(-2_000);
        if (!closing) printWarning(name, line);
      });
    }
    return child;
  };
  let current = start();

  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await isReady().catch(() => false))) {
    if (hasEnded(current) || Date.now() > deadline) {
      current.kill('SIGKILL');
      throw new ChildStartFailed(name, output);
    }
    await wait(50);
  }

  const restartWhenDead = () =>
    current.once('exit', async (code, signal) => {
      if (closing) return;
      printLine(`${name} ended (${signal ?? code}) and is started again.`);
      await wait(RESTART_DELAY_MS);
      if (closing) return;
      current = start();
      restartWhenDead();
    });
  restartWhenDead();

  return {
    name,
    async close() {
      closing = true;
      if (!hasEnded(current)) {
        const ended = once(current, 'exit');
        const timer = setTimeout(() => current.kill('SIGKILL'), STOP_GRACE_MS);
        current.kill('SIGTERM');
        await ended;
        clearTimeout(timer);
      }
      file.end();
    },
  };
}

const printLine = (line: string) => process.stderr.write(`${line}\n`);

/** Prints a log line of level WARN or above, shortened for a person at a terminal. */
function printWarning(name: string, line: string): void {
  if (!line.startsWith('{')) return void printLine(`${name}: ${line}`);
  const { level, msg, time: _time, pid: _pid, hostname: _hostname, name: _name, ...facts } = JSON.parse(line);
  if (level < 40) return;
  printLine(`${level >= 50 ? 'ERROR' : 'WARN'} ${name}: ${msg} ${JSON.stringify(facts)}`);
}
