import { setTimeout as delay } from 'node:timers/promises';

/** Work that begins at a steady rate, whether or not earlier work has ended. */
export interface LoadGenerator {
  /** Begins no more work. */
  stop(): void;
  /** Waits for the running work, at most `patience` milliseconds. @returns how much has not ended */
  drained(patience: number): Promise<number>;
}

/** @param begin receives the number of the start, from 0; its errors go to `onFault` */
export function startLoad(
  ms: number,
  begin: (n: number) => Promise<unknown>,
  onFault: (error: Error) => void,
): LoadGenerator {
  const running = new Set<Promise<unknown>>();
  let n = 0;
  const timer = setInterval(() => {
    const work = begin(n++)
      .catch(onFault)
      .finally(() => running.delete(work));
    running.add(work);
  }, ms);
  return {
    stop: () => clearInterval(timer),
    async drained(patience) {
      const over = new AbortController();
      const deadline = delay(patience, undefined, { signal: over.signal }).catch(() => {});
      await Promise.race([Promise.all(running), deadline]);
      over.abort();
      return running.size;
    },
  };
}
