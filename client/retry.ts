import { setTimeout as delay } from 'node:timers/promises';
import { AblaghUnreachable } from './errors';

const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 10_000;
/** Whoever asks for a longer rest than this is not waited for. */
const MAX_RETRY_AFTER_MS = 60_000;

/**
 * Counts failed tries and waits between them: a random part of a time that doubles (full jitter), so that
 * many clients do not come back at once, and never earlier than `Retry-After` says.
 */
export function createRetryPolicy(retries: number, signal?: AbortSignal) {
  let failures = 0;
  return {
    /** A try got somewhere: the count starts anew. */
    reset(): void {
      failures = 0;
    },
    /**
     * Waits before the next try.
     *
     * @throws the error itself when it is not one that passes, when the retries are used up, or when the
     *   other side wants a rest of more than a minute
     */
    async waitOrThrow(error: unknown): Promise<void> {
      if (!(error instanceof AblaghUnreachable) || signal?.aborted) throw error;
      const { retryAfter = 0 } = error;
      if (failures >= retries || retryAfter > MAX_RETRY_AFTER_MS) throw error;
      const longest = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failures);
      failures += 1;
      await delay(retryAfter + Math.random() * longest, undefined, signal && { signal });
    },
  };
}

/** Tries until an answer is had that is final. */
export async function retry<T>(work: () => Promise<T>, retries: number, signal?: AbortSignal): Promise<T> {
  const patience = createRetryPolicy(retries, signal);
  for (;;) {
    try {
      return await work();
    } catch (error) {
      await patience.waitOrThrow(error);
    }
  }
}
