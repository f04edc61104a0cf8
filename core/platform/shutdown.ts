import { AblaghError } from './errors';
import type { Log } from './log';

/** A part of a process that must be closed at its end. `close` is called once, and should finish the work in flight. */
export interface Closable {
  name: string;
  close(): Promise<unknown> | unknown;
}

/**
 * Closes the given things one after the other, in their order, on the first SIGTERM or SIGINT, and exits with code 0. Further signals
 * change nothing: a terminal's Ctrl-C and a parent's SIGTERM often come together.
 *
 * @param deadlineMs time after which the process exits with code 1. Interrupted work is safe, because every job can run again
 */
export function closeOnSignal(closables: Closable[], log: Log, deadlineMs = 25_000): void {
  let closing = false;
  const stop = async (signal: NodeJS.Signals) => {
    if (closing) return;
    closing = true;
    log.info({ signal }, 'stopping');
    const timer = setTimeout(() => {
      log.error({ deadlineMs }, 'stopping took too long');
      process.exit(1);
    }, deadlineMs);
    timer.unref();
    for (const closable of closables) {
      try {
        await closable.close();
      } catch (error) {
        log.error({ err: error, closable: closable.name }, 'could not be closed');
      }
    }
    log.info('stopped');
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
}

/**
 * Runs the entry of a process. An error that stops the start is written to standard error, and the process exits with code 1. An
 * `AblaghError` is written without its stack: its message is enough for an operator.
 *
 * @param main builds and starts everything of the process
 */
export function runEntry(main: () => Promise<unknown>): void {
  main().catch((error: Error) => {
    process.stderr.write(`${error instanceof AblaghError ? error.message : error.stack}\n`);
    process.exit(1);
  });
}
