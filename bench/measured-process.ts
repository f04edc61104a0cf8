import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A process of the system, of a sink or of a baseline, measured from outside. */
export interface MeasuredProcess {
  readonly pid: number;
  /** Returns the largest physical memory of the process so far, in MB. */
  peakMemory(): number;
  send(message: object): void;
  /**
   * Returns the next message of the process to its parent, and waits for it if necessary.
   *
   * @throws Error when the process ends first
   */
  nextMessage<T>(): Promise<T>;
  /** Stops the process with SIGTERM. Safe to call twice. */
  stop(): Promise<void>;
}

/** Starts a compiled module, such as `api/main.js`. */
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

/** Reads the peak memory in MB; 0 where there is no /proc. Linux keeps the peak itself, so none is missed between two readings. */
function readPeakMemory(pid: number): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes ?? 0) / 1024;
  } catch {
    return 0;
  }
}
