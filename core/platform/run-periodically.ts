import { errorFields } from './errors';
import type { Log } from './log';

/**
 * Runs a task now, and again `ms` milliseconds after each end, so that runs never overlap. An error of the task is logged, and does
 * not stop the task.
 *
 * @param name of the task in the log
 * @returns `close` waits for the current run and prevents the next
 */
export function runPeriodically(
  ms: number,
  name: string,
  log: Log,
  task: () => Promise<void>,
): { close(): Promise<void> } {
  let closing = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void>;
  const run = async () => {
    try {
      await task();
    } catch (error) {
      log.warn({ task: name, ...errorFields(error) }, 'periodic task failed, it comes again');
    }
    if (!closing) timer = setTimeout(() => (running = run()), ms);
  };
  running = run();
  return {
    async close() {
      closing = true;
      clearTimeout(timer);
      await running;
    },
  };
}
