import { setTimeout as delay } from 'node:timers/promises';

type Truthy<T> = Exclude<T, false | null | undefined | 0 | ''>;

/** Milliseconds something may take that is only slow when the machine is. */
const DEFAULT_TIMEOUT_MS = 90_000;
const POLL_INTERVAL_MS = 25;

/**
 * Waits until `check` gives something, and returns that. A check that throws has not come true yet: what it
 * asks may be the very thing that is away.
 *
 * @throws Error telling what was awaited
 */
export async function until<T>(
  what: string,
  check: () => T | Promise<T>,
  patience = DEFAULT_TIMEOUT_MS,
  every = POLL_INTERVAL_MS,
): Promise<Truthy<T>> {
  const deadline = Date.now() + patience;
  let last = '';
  for (;;) {
    try {
      const answer = await check();
      if (answer) return answer as Truthy<T>;
    } catch (error) {
      last = `: ${(error as Error).message}`;
    }
    if (Date.now() > deadline) throw new Error(`Not within ${patience / 1000} s: ${what}${last}`);
    await delay(every);
  }
}

/** Whether it came true in time. */
export const becomesTrue = (what: string, check: () => boolean | Promise<boolean>, patience: number) =>
  until(what, check, patience, 200).then(
    () => true,
    () => false,
  );
