import { AblaghError } from './errors';
import type { Log } from './log';

/** One thing to close. Closing must be safe to call once and should finish what is in flight. */
export interface Closable {
  name: string;
  close(): Promise<unknown> | unknown;
}

/**
 * Closes everything in the order given, one after the other, on the first SIGTERM or SIGINT. Further
 * signals change nothing: a terminal's Ctrl-C and a parent's SIGTERM often come together. After `deadline`
 * milliseconds the process ends with code 1; what was in flight is safe, because every job can be run again.
 */
export function closeOnSignal(parts: Closable[], log: Log, deadline = 25_000): void {
  let closing = false;
  const stop = async (signal: NodeJS.Signals) => {
    if (closing) return;
    closing = true;
    log.info({ signal }, 'stopping');
    const timer = setTimeout(() => {
      log.error({ deadline }, 'stopping took too long');
      process.exit(1);
    }, deadline);
    timer.unref();
    for (const part of parts) {
      try {
        await part.close();
      } catch (error) {
        log.error({ err: error, part: part.name }, 'could not be closed');
      }
    }
    log.info('stopped');
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
}

/**
 * Runs an entry. A mistake that stops the start is told in one message and ends with code 1.
 *
 * @param main builds and starts everything of one process
 */
export function runEntry(main: () => Promise<unknown>): void {
  main().catch((error: Error) => {
    process.stderr.write(`${error instanceof AblaghError ? error.message : error.stack}\n`);
    process.exit(1);
  });
}
