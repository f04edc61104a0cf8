/** A question of the parent to a sink. */
interface SinkQuery {
  /** Asks for an answer once the sink has this many messages. */
  waitFor?: number;
  /** Asks for the messages and the time each arrived at. */
  arrivals?: boolean;
}

const POLL_INTERVAL_MS = 5;

/**
 * Answers the questions of the parent process in a sink, and ends the sink with its parent.
 *
 * @param count returns the number of messages the sink has
 * @param arrivals returns a key and the time of arrival of each message, if the sink records them
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
