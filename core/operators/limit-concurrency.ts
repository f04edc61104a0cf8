import { Refusal } from '../platform/errors';

/**
 * Lets only so many pieces of expensive work run at the same time, and so many wait for their turn.
 *
 * @returns runs a piece of work in its turn
 * @throws Refusal `rate_limited` by what it returns, at once, when the line is full
 */
export function limitConcurrency({ running: most, waiting: longest }: { running: number; waiting: number }) {
  const line: (() => void)[] = [];
  let running = 0;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running < most) running += 1;
    else if (line.length < longest) await new Promise<void>((resolve) => line.push(resolve));
    else throw new Refusal('rate_limited', 'Too many others are being served at this moment.');
    try {
      return await work();
    } finally {
      const next = line.shift();
      // Its place goes to whoever waited longest, so that nobody who comes meanwhile slips in between.
      if (next) next();
      else running -= 1;
    }
  };
}
