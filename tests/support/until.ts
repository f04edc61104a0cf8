type Truthy<T> = Exclude<T, false | null | undefined | 0 | ''>;

/**
 * Waits for an event elsewhere: calls `check` every 20 ms until it gives a truthy value, and returns that value. A check that
 * throws counts as not true yet, so it may hold expectations.
 *
 * @param options.timeout milliseconds
 * @param options.what is awaited, for the failure's message
 * @throws Error with the awaited event, the last answer, and the failure of the last try
 */
export async function until<T>(
  check: () => T | Promise<T>,
  { timeout = 10_000, what = String(check) } = {},
): Promise<Truthy<T>> {
  const deadline = Date.now() + timeout;
  for (;;) {
    let last: unknown;
    try {
      const answer = await check();
      if (answer) return answer as Truthy<T>;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() >= deadline) {
      const reason = last instanceof Error ? last.message : `the last answer was ${JSON.stringify(last)}`;
      throw new Error(`Not within ${timeout} ms: ${what}\n${reason}`, { cause: last });
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
