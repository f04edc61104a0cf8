import { addressGroup } from '../core/text/address-group';

/** The wrong keys an address may send in a minute: enough for a misconfigured system to be noticed. */
const MAX_WRONG_KEYS_PER_MINUTE = 60;
const MINUTE_MS = 60_000;

/**
 * Creates the counter of wrong API keys per network address, in the memory of each process. A key cannot be guessed; the counter
 * makes attempts cost the server less than the attacker.
 *
 * @param now the clock, in milliseconds
 */
export function createKeyGuesses(now: () => number = () => performance.now()) {
  const wrong = new Map<string, number>();
  const right = new Set<string>();
  let since = now();

  return {
    /**
     * Decides whether a key is looked up. After too many wrong keys from an address, only keys that were right before are: a system
     * with an old key does not lock out the others behind its address.
     *
     * @returns 0, or the seconds until the key is looked up again
     */
    retryAfterSeconds(address: string, keyHash: string): number {
      const left = since + MINUTE_MS - now();
      if (left <= 0) {
        wrong.clear();
        since = now();
        return 0;
      }
      const limitReached = (wrong.get(addressGroup(address)) ?? 0) >= MAX_WRONG_KEYS_PER_MINUTE;
      return limitReached && !right.has(keyHash) ? Math.ceil(left / 1_000) : 0;
    },

    recordWrong(address: string): void {
      const group = addressGroup(address);
      wrong.set(group, (wrong.get(group) ?? 0) + 1);
    },

    /** Records a key that was right. The set stays as small as the number of valid keys. */
    recordRight(keyHash: string): void {
      right.add(keyHash);
    },
  };
}
