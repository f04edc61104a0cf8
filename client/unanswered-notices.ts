import { setTimeout as delay } from 'node:timers/promises';

/** The most notices held at once: more than a streaming server leaves unanswered, and few enough for memory. */
const MAX_NOTICES = 5_000;
const MAX_CHARACTERS = 16 * 1024 * 1024;
/** The time after which a full window without answers waits for answers that only the end of the request will bring. */
const MAX_WAIT_FOR_ANSWER_MS = 2_000;

/**
 * Creates the window of a batch's notices between being drawn and being answered, as lines of NDJSON. The unanswered lines can be
 * sent again, so each value is drawn only once, and at most a few thousand ahead of the answers.
 */
export function createUnansweredNotices(values: Iterable<unknown> | AsyncIterable<unknown>) {
  const source = iteratorOf(values);
  const lines: string[] = [];
  let characters = 0;
  /** How many lines are in flight. */
  let sent = 0;
  let ended = false;
  let failure: { error: unknown } | undefined;
  let drawing: Promise<void> | undefined;
  let onAnswer = (): void => {};

  const draw = async (): Promise<void> => {
    try {
      const { done, value } = await source.next();
      if (done) {
        ended = true;
        return;
      }
      const line = `${JSON.stringify(value)}\n`;
      lines.push(line);
      characters += line.length;
    } catch (error) {
      ended = true;
      failure = { error };
    }
  };

  const hasRoom = () => lines.length < MAX_NOTICES && characters < MAX_CHARACTERS;

  const waitForRoom = async (): Promise<boolean> => {
    const tooLong = new AbortController();
    const answer = new Promise<void>((resolve) => {
      onAnswer = resolve;
    });
    await Promise.race([
      answer,
      delay(MAX_WAIT_FOR_ANSWER_MS, undefined, { signal: tooLong.signal }).catch(() => {}),
    ]);
    tooLong.abort();
    return hasRoom();
  };

  return {
    get inFlight() {
      return sent;
    },
    /** Makes all unanswered lines be sent again, on a new connection. */
    rewind(): void {
      sent = 0;
    },
    /** Waits for a line to send. Returns false at the end, and when the window stays full until this request has ended. */
    async fill(): Promise<boolean> {
      while (sent === lines.length && !ended) {
        if (!hasRoom() && !(await waitForRoom())) return false;
        // A request that was given up may still wait for the same value.
        drawing ??= draw().finally(() => {
          drawing = undefined;
        });
        await drawing;
      }
      return sent < lines.length;
    },
    /** Gives the line that `fill` waited for. */
    nextLine(): string {
      const line = lines[sent] as string;
      sent += 1;
      return line;
    },
    /** Removes the oldest line in flight, which is answered. @throws Error when no line is in flight */
    settleOldest(): void {
      if (sent === 0) throw new Error('more answers than notices');
      characters -= (lines.shift() as string).length;
      sent -= 1;
      onAnswer();
    },
    /** Throws the error of the values' iterator, if it threw one. */
    throwSourceError(): void {
      if (failure) throw failure.error;
    },
    /** Ends the values' iterator. */
    async close(): Promise<void> {
      if (ended) return;
      ended = true;
      const closed = Promise.resolve(source.return?.());
      // An iterator that is still busy with a value ends after it, without being waited for.
      if (drawing) closed.catch(() => {});
      else await closed;
    },
  };
}

export type UnansweredNotices = ReturnType<typeof createUnansweredNotices>;

function iteratorOf<T>(values: Iterable<T> | AsyncIterable<T>): Iterator<T> | AsyncIterator<T> {
  return Symbol.asyncIterator in values ? values[Symbol.asyncIterator]() : values[Symbol.iterator]();
}
