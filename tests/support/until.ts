type Truthy<T> = Exclude<T, false | null | undefined | 0 | ''>;

/**
 * Waits for something that happens elsewhere: asks every 20 ms until `check` gives something truthy, and
 * returns that. A check that throws has not come true yet, so it may hold expectations.
 *
 * @param options.timeout milliseconds
 * @param options.what is awaited, for the failure's message
 * @throws Error telling what was awaited, the last answer, and why the last try failed
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
