import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A process of the system, of a sink or of a baseline, watched from outside. */
export interface MeasuredProcess {
  readonly pid: number;
  /** MB of physical memory at its largest so far. */
  peakMemory(): number;
  send(message: object): void;
  /**
   * The next message the process sent to its parent, whether it came already or not.
   *
   * @throws Error when the process ends first
   */
  nextMessage<T>(): Promise<T>;
  /** Safe to call twice. */
  stop(): Promise<void>;
}

/** Starts a compiled module, a path below the folder of all modules. */
export function startProcess(module: string, env: NodeJS.ProcessEnv, flags: string[] = []): MeasuredProcess {
  const child = fork(join(__dirname, '..', module), [], {
    env: { ...process.env, LOG_LEVEL: 'warn', ...env },
    execArgv: flags,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const pid = child.pid as number;
  const heard: unknown[] = [];
  let peak = 0;
  let ended = false;
  let wake = (): void => {};
  const measure = () => {
    peak = Math.max(peak, readPeakMemory(pid));
  };
  const timer = setInterval(measure, 250);
  child.on('message', (message) => {
    heard.push(message);
    wake();
  });
  child.once('exit', () => {
    clearInterval(timer);
    ended = true;
    wake();
  });

  return {
    pid,
    peakMemory: () => peak,
    send: (message) => void child.send(message),
    async nextMessage<T>() {
      while (heard.length === 0) {
        if (ended) throw new Error(`${module} ended too early`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return heard.shift() as T;
    },
    async stop() {
      if (ended) return;
      measure();
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** MB; Linux keeps the mark itself, so nothing is missed between two looks. 0 where there is no /proc. */
function readPeakMemory(pid: number): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes ?? 0) / 1024;
  } catch {
    return 0;
  }
}
