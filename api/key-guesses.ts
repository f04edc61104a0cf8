import { addressGroup } from '../core/text/address-group';

/** More wrong keys than a system that was set up wrongly needs to be noticed. */
const MAX_WRONG_KEYS_PER_MINUTE = 60;
const MINUTE_MS = 60_000;

/**
 * Wrong API keys by the address they came from, in the memory of each process. A key cannot be guessed; this is
 * there so that trying costs us less than it costs who tries, and is told of.
 *
 * @param now the clock, in milliseconds
 */
export function createKeyGuesses(now: () => number = () => performance.now()) {
  const wrong = new Map<string, number>();
  const right = new Set<string>();
  let since = now();

  return {
    /**
     * Whether a key is to be looked at. After too many wrong ones only those that were right before are: a system
     * with an old key shuts out nobody who works behind the same address.
     *
     * @returns 0, or the seconds until it is
     */
    retryAfterSeconds(address: string, keyHash: string): number {
      const left = since + MINUTE_MS - now();
      if (left <= 0) {
        wrong.clear();
        since = now();
        return 0;
      }
      const isOver = (wrong.get(addressGroup(address)) ?? 0) >= MAX_WRONG_KEYS_PER_MINUTE;
      return isOver && !right.has(keyHash) ? Math.ceil(left / 1_000) : 0;
    },

    recordWrong(address: string): void {
      const group = addressGroup(address);
      wrong.set(group, (wrong.get(group) ?? 0) + 1);
    },

    /** Notes a key that was right; there are only so many. */
    recordRight(keyHash: string): void {
      right.add(keyHash);
    },
  };
}
