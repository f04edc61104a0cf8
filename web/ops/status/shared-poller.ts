import { setTimeout as sleep } from 'node:timers/promises';

export interface PollTiming {
  /** The pause between two readings. */
  intervalMs: number;
  /** The time after which a reading counts as late, though it may still be under way. */
  deadlineMs: number;
}

/**
 * Creates one poller for all subscribers: it reads at intervals while there are subscribers, and not at all without
 * them, so a hundred subscribers cost as much as one. Never more than one reading is under way.
 *
 * @param read reads once; reports a failure in its result and does not throw
 * @param lateResult the result in place of a reading past its deadline
 */
export function createSharedPoller<T>(
  read: () => Promise<T>,
  lateResult: T,
  { intervalMs, deadlineMs }: PollTiming,
) {
  const listeners = new Set<(reading: T) => void>();
  let underWay: Promise<T> | null = null;
  let latest: { reading: T; at: number } | null = null;
  let isPolling = false;

  const readInTime = async (): Promise<T> => {
    underWay ??= read().finally(() => {
      underWay = null;
    });
    const reading = await withDeadline(deadlineMs, underWay, lateResult);
    latest = { reading, at: Date.now() };
    return reading;
  };

  const poll = async (): Promise<void> => {
    isPolling = true;
    while (listeners.size > 0) {
      const reading = await readInTime();
      for (const listener of listeners) listener(reading);
      await sleep(intervalMs, undefined, { ref: false });
    }
    isPolling = false;
  };

  return {
    /** Returns a reading that is at most one interval old. */
    read: async (): Promise<T> =>
      latest && Date.now() - latest.at < intervalMs ? latest.reading : readInTime(),
    /** Passes each reading to a listener, the first within one interval. @returns the function that unsubscribes */
    subscribe(listener: (reading: T) => void): () => void {
      listeners.add(listener);
      if (!isPolling) void poll();
      return () => listeners.delete(listener);
    },
  };
}

async function withDeadline<T>(ms: number, work: Promise<T>, lateResult: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, ms, lateResult);
  });
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}
