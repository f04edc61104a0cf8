import { Refusal } from '../platform/errors';

/**
 * Limits how many pieces of expensive work run at the same time, and how many wait.
 *
 * @returns a function that runs a piece of work when its turn comes
 * @throws Refusal `rate_limited`, from the returned function and at once, when too many wait already
 */
export function limitConcurrency(limit: { running: number; waiting: number }) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running < limit.running) running += 1;
    else if (waiting.length < limit.waiting) await new Promise<void>((resolve) => waiting.push(resolve));
    else throw new Refusal('rate_limited', 'Too many others are being served at this moment.');
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // The slot goes straight to the one that waited longest, so that no newcomer can take it in between.
      if (next) next();
      else running -= 1;
    }
  };
}
