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
  /** Asks it to end and waits; after `GRACE_MS` it is ended. */
  close(): Promise<void>;
}

export interface ChildSettings {
  name: string;
  /** Path of its entry inside `embedded/`, without extension. */
  entry: string;
  env: NodeJS.ProcessEnv;
  logDir: string;
  /** Whether the process does its work by now. */
  isReady: () => Promise<boolean>;
}

const STOP_GRACE_MS = 35_000;
const START_TIMEOUT_MS = 30_000;
const RESTART_DELAY_MS = 1_000;

/** A part could not be started; what it said is in the message. */
export class ChildStartFailed extends AblaghError {
  constructor(name: string, said: string) {
    super('part_failed', `${name} did not start.\n${said}`);
  }
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

/**
 * Runs a production entry as a process of its own, and starts it again when it dies: whoever pulls a plug
 * here sees what production does. Its log goes to a file; warnings and errors also to the terminal.
 *
 * @throws PartFailed
 */
export async function startChild({ name, entry, env, logDir, isReady }: ChildSettings): Promise<Child> {
  mkdirSync(logDir, { recursive: true });
  const file = createWriteStream(join(logDir, `${name}.log`), { flags: 'a' });
  let closing = false;
  let said = '';

  const start = (): ChildProcess => {
    const child = forkEntry(entry, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    for (const input of [child.stdout, child.stderr]) {
      if (!input) continue;
      createInterface({ input }).on('line', (line) => {
        file.write(`${line}\n`);
        said = `${said}${line}\n`.slice(-2_000);
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
      throw new ChildStartFailed(name, said);
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

/** A log line of WARN or above, shortened to what a person at a terminal wants to know. */
function printWarning(name: string, line: string): void {
  if (!line.startsWith('{')) return void printLine(`${name}: ${line}`);
  const { level, msg, time: _time, pid: _pid, hostname: _hostname, name: _name, ...facts } = JSON.parse(line);
  if (level < 40) return;
  printLine(`${level >= 50 ? 'ERROR' : 'WARN'} ${name}: ${msg} ${JSON.stringify(facts)}`);
}
