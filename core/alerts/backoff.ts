import type { AttemptOutcome } from './states';

/** Seconds: the longest delay after the first attempt, and the longest of all. The delay doubles in between. */
const DELAY_SECONDS: Record<
  Exclude<AttemptOutcome, 'accepted' | 'rejected'>,
  { first: number; max: number }
> = {
  not_sent: { first: 2, max: 120 },
  try_later: { first: 10, max: 900 },
  unknown: { first: 20, max: 600 },
};

/**
 * Gives the seconds to wait before the next attempt: exponential backoff with full jitter, so that what failed together does
 * not come back together.
 *
 * @param tries the number of attempts so far, from 1
 * @param random from 0 to 1
 */
export function backoff(outcome: keyof typeof DELAY_SECONDS, tries: number, random = Math.random()): number {
  const { first, max } = DELAY_SECONDS[outcome];
  const ceiling = Math.min(max, first * 2 ** Math.min(tries - 1, 20));
  return Math.max(1, Math.round(ceiling * random));
}
