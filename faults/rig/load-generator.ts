import { setTimeout as delay } from 'node:timers/promises';

/** Work that begins at a steady rate and waits for nobody. */
export interface LoadGenerator {
  /** Begins nothing more. */
  stop(): void;
  /** Waits until what was begun has ended, so long at most. @returns how much has not */
  drained(patience: number): Promise<number>;
}

/** @param begin gets the number of the beat, from 0; whatever it throws is kept for `onFault` */
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
