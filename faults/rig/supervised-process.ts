import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { forkEntry } from '../../embedded/fork-entry';
import { until } from './until';

/** A process of the system, restarted whenever it ends by itself, as a service manager would do. */
export interface SupervisedProcess {
  readonly name: string;
  /** Starts the process; it is ready some time later. */
  start(): void;
  /** Waits until the process is ready. */
  ready(): Promise<void>;
  /** Sends kill -9. The process is gone when this returns, and stays away until it is started. */
  kill(): Promise<void>;
  /** Sends SIGTERM. The process is gone when this returns. @returns its exit code, null if it had to be killAtExit */
  stop(): Promise<number | null>;
  /** Lists the ends of the process that were not asked for. */
  crashes(): string[];
}

export interface SupervisedProcessSettings {
  name: string;
  /** Path below the folder `embedded`, without extension. */
  entry: string;
  env: NodeJS.ProcessEnv;
  /** The file that keeps the output. */
  logFile: string;
  /** Whether the process is ready, unless its output says so. */
  isReady?: (output: string) => boolean | Promise<boolean>;
  /** The program to run in the place of Node. */
  execPath?: string;
}

const RESTART_DELAY_MS = 1_000;
/** Longer than a process may take to shut down. */
const STOP_TIMEOUT_MS = 30_000;
const READY_TIMEOUT_MS = 60_000;
const READY_MESSAGE = 'workers are ready';

export function createSupervisedProcess(settings: SupervisedProcessSettings): SupervisedProcess {
  const {
    name,
    entry,
    env,
    logFile,
    execPath,
    isReady = (output) => output.includes(READY_MESSAGE),
  } = settings;
  const log = createWriteStream(logFile, { flags: 'a' });
  // Where the disk is full, the output cannot be kept.
  log.on('error', () => {});
  const crashes: string[] = [];
  let child: ChildProcess | undefined;
  let output = '';
  const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;
  const killAtExit = () => void child?.kill('SIGKILL');
  process.once('exit', killAtExit);

  const start = (): void => {
    output = '';
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
        if (child === started) output = `${output}${line}\n`.slice(-20_000);
      });
    }
    started.once('exit', (code, signal) => {
      if (child !== started) return;
      child = undefined;
      crashes.push(`${name} ended by itself (${signal ?? code}): ${output.slice(-300)}`);
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
      await until(`${name} works`, () => isReady(output), READY_TIMEOUT_MS);
    },
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    crashes: () => crashes,
  };
}
