import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { forkEntry } from '../../embedded/fork-entry';
import { until } from './until';

/** A process of the system, started again whenever it ends unasked, the way a service manager does. */
export interface SupervisedProcess {
  readonly name: string;
  /** Starts it; it works some time later. */
  start(): void;
  /** Waits until it works. */
  ready(): Promise<void>;
  /** kill -9; it is gone when this returns, and stays away until it is started. */
  kill(): Promise<void>;
  /** SIGTERM; it is gone when this returns. @returns its exit code, null if it had to be killed */
  stop(): Promise<number | null>;
  /** How it ended unasked so far. */
  crashes(): string[];
}

export interface SupervisedProcessSettings {
  name: string;
  /** Path below the folder `embedded`, without extension. */
  entry: string;
  env: NodeJS.ProcessEnv;
  /** What it says is kept here. */
  logFile: string;
  /** Whether it works by now, if that is not what it says itself. */
  isReady?: (said: string) => boolean | Promise<boolean>;
  /** In the place of Node itself. */
  execPath?: string;
}

const RESTART_DELAY_MS = 1_000;
/** Longer than the deadline of a process that is being stopped. */
const STOP_TIMEOUT_MS = 30_000;
const READY_TIMEOUT_MS = 60_000;
const READY_MESSAGE = 'workers are ready';

export function createSupervisedProcess(settings: SupervisedProcessSettings): SupervisedProcess {
  const { name, entry, env, logFile, execPath, isReady = (said) => said.includes(READY_MESSAGE) } = settings;
  const log = createWriteStream(logFile, { flags: 'a' });
  // Where the disk is full, nothing can be kept of what it says.
  log.on('error', () => {});
  const deaths: string[] = [];
  let child: ChildProcess | undefined;
  let said = '';
  const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;
  const killed = () => void child?.kill('SIGKILL');
  process.once('exit', killed);

  const start = (): void => {
    said = '';
    const started = forkEntry(entry, {
      env,
      ...(execPath && { execPath }),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    child = started;
    for (const input of [started.stdout, started.stderr]) {
      if (!input) continue;
      createInterface({ input }).on('line', (line) => {
        log.write(`${line}\n`);
        if (child === started) said = `${said}${line}\n`.slice(-20_000);
      });
    }
    started.once('exit', (code, signal) => {
      if (child !== started) return;
      child = undefined;
      deaths.push(`${name} ended by itself (${signal ?? code}): ${said.slice(-300)}`);
      setTimeout(() => child ?? start(), RESTART_DELAY_MS);
    });
  };

  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const ending = child;
    child = undefined;
    if (!ending || hasEnded(ending)) return 0;
    const gone = once(ending, 'exit');
    ending.kill(signal);
    const timer = setTimeout(() => ending.kill('SIGKILL'), STOP_TIMEOUT_MS);
    const [code] = await gone;
    clearTimeout(timer);
    return code;
  };

  return {
    name,
    start,
    ready: async () => {
      await until(`${name} works`, () => isReady(said), READY_TIMEOUT_MS);
    },
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    crashes: () => deaths,
  };
}
