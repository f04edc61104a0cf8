import type { SendOutcome } from '../channels/outcomes';

/** Seconds: the first wait at most, and the longest. The wait doubles in between. */
const DELAY_SECONDS: Record<
  Exclude<SendOutcome['outcome'], 'accepted' | 'rejected'>,
  { first: number; longest: number }
> = {
  not_sent: { first: 2, longest: 120 },
  try_later: { first: 10, longest: 900 },
  unknown: { first: 20, longest: 600 },
};

/**
 * Seconds to wait before the next try: full jitter, so that what failed together does not come back together.
 *
 * @param tries how often it was tried already, from 1
 * @param random from 0 to 1
 */
export function backoff(outcome: keyof typeof DELAY_SECONDS, tries: number, random = Math.random()): number {
  const { first, longest } = DELAY_SECONDS[outcome];
  const ceiling = Math.min(longest, first * 2 ** Math.min(tries - 1, 20));
  return Math.max(1, Math.round(ceiling * random));
}
