import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds. */
export interface PollTiming {
  /** Between two readings. */
  intervalMs: number;
  /** A reading that takes longer is given up, though it may still be under way. */
  deadlineMs: number;
}

/**
 * One reader for everybody who looks: reads at intervals while anybody listens, and not at all when nobody does,
 * so a hundred listeners cost what one costs. Never more than one reading is under way.
 *
 * @param take tells of failures in what it gives, and does not throw
 * @param late what is given in the place of a reading past its deadline
 */
export function createSharedPoller<T>(
  take: () => Promise<T>,
  late: T,
  { intervalMs, deadlineMs }: PollTiming,
) {
  const listeners = new Set<(reading: T) => void>();
  let underWay: Promise<T> | null = null;
  let latest: { reading: T; at: number } | null = null;
  let looping = false;

  const renew = async (): Promise<T> => {
    underWay ??= take().finally(() => {
      underWay = null;
    });
    const reading = await withDeadline(deadlineMs, underWay, late);
    latest = { reading, at: Date.now() };
    return reading;
  };

  const loop = async (): Promise<void> => {
    looping = true;
    while (listeners.size > 0) {
      const reading = await renew();
      for (const listener of listeners) listener(reading);
      await sleep(intervalMs, undefined, { ref: false });
    }
    looping = false;
  };

  return {
    /** What is so now, or was at most one interval ago. */
    read: async (): Promise<T> => (latest && Date.now() - latest.at < intervalMs ? latest.reading : renew()),
    /** Tells what is so, again and again, beginning within one interval. @returns what ends it */
    subscribe(listener: (reading: T) => void): () => void {
      listeners.add(listener);
      if (!looping) void loop();
      return () => listeners.delete(listener);
    },
  };
}

async function withDeadline<T>(ms: number, work: Promise<T>, late: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, ms, late);
  });
  return Promise.race([work, tooLate]).finally(() => clearTimeout(timer));
}
