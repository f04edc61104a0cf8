/** What a sink is asked: to tell when it has so many messages, or which ones came when. */
interface SinkQuery {
  waitFor?: number;
  arrivals?: boolean;
}

const POLL_INTERVAL_MS = 5;

/**
 * The side of a sink that talks to its parent; it ends with it.
 *
 * @param count how many messages the sink has
 * @param arrivals what it noted of each, if it notes anything
 */
export function answerParent(
  url: string,
  count: () => number,
  arrivals: () => [string, number][] = () => [],
): void {
  process.on('message', (question: SinkQuery) => {
    if (question.arrivals) process.send?.({ arrivals: arrivals() });
    if (question.waitFor === undefined) return;
    const wanted = question.waitFor;
    const answer = () => {
      if (count() < wanted) setTimeout(answer, POLL_INTERVAL_MS);
      else process.send?.({ at: Date.now(), count: count() });
    };
    answer();
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.({ url });
}

/** Milliseconds since the epoch, finer than `Date.now` and comparable between processes of one machine. */
export const preciseNow = (): number => performance.timeOrigin + performance.now();
