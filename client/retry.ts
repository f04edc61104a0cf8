import { setTimeout as delay } from 'node:timers/promises';
import { AblaghUnreachable } from './errors';

const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 10_000;
/** The longest `Retry-After` that is waited for. */
const MAX_RETRY_AFTER_MS = 60_000;

/**
 * Creates the policy that counts failed attempts and waits between them: a random share of a time that doubles (full jitter), so that
 * many clients do not come back at once, and never less than `Retry-After` says.
 */
export function createRetryPolicy(retries: number, signal?: AbortSignal) {
  let failures = 0;
  return {
    /** Starts the count anew, after an attempt that made progress. */
    reset(): void {
      failures = 0;
    },
    /**
     * Waits before the next attempt.
     *
     * @throws the error itself when it is final, when the retries are used up, or when `Retry-After` is over a minute
     */
    async waitOrThrow(error: unknown): Promise<void> {
      if (!(error instanceof AblaghUnreachable) || signal?.aborted) throw error;
      const { retryAfter = 0 } = error;
      if (failures >= retries || retryAfter > MAX_RETRY_AFTER_MS) throw error;
      const maxWait = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failures);
      failures += 1;
      await delay(retryAfter + Math.random() * maxWait, undefined, signal && { signal });
    },
  };
}

/** Repeats the work until it gives a final answer. */
export async function retry<T>(work: () => Promise<T>, retries: number, signal?: AbortSignal): Promise<T> {
  const policy = createRetryPolicy(retries, signal);
  for (;;) {
    try {
      return await work();
    } catch (error) {
      await policy.waitOrThrow(error);
    }
  }
}
