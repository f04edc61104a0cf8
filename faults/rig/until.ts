import { setTimeout as delay } from 'node:timers/promises';

type Truthy<T> = Exclude<T, false | null | undefined | 0 | ''>;

/** Milliseconds for steps that are only slow on a slow machine. */
const DEFAULT_TIMEOUT_MS = 90_000;
const POLL_INTERVAL_MS = 25;

/**
 * Waits until `check` returns a truthy value, and returns it. An error of `check` counts as not yet: the service that it asks may
 * be the one that is away.
 *
 * @throws Error that names what was awaited
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

/** Whether `check` came true in time. */
export const becomesTrue = (what: string, check: () => boolean | Promise<boolean>, patience: number) =>
  until(what, check, patience, 200).then(
    () => true,
    () => false,
  );
