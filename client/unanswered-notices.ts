import { setTimeout as delay } from 'node:timers/promises';

/** More than a server that streams ever leaves unanswered on its way, and little enough to hold. */
const MAX_NOTICES = 5_000;
const MAX_CHARACTERS = 16 * 1024 * 1024;
/** A full window that gets no answers for so long waits for one only the end of the request will bring. */
const MAX_WAIT_FOR_ANSWER_MS = 2_000;

/**
 * The lines of a batch from when they are drawn until they are answered. The oldest unanswered ones can be
 * sent again, so the values are drawn only once, and never more than a few thousand ahead of the answers.
 */
export function createUnansweredNotices(values: Iterable<unknown> | AsyncIterable<unknown>) {
  const source = iteratorOf(values);
  const lines: string[] = [];
  let characters = 0;
  /** How many of them are on their way. */
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
    /** The connection is new: everything without an answer is to be sent again. */
    rewind(): void {
      sent = 0;
    },
    /** Waits for a line to send. False at the end, and when nothing more fits before this request has ended. */
    async fill(): Promise<boolean> {
      while (sent === lines.length && !ended) {
        if (!hasRoom() && !(await waitForRoom())) return false;
        // Two requests may wait for the same value, one of them given up meanwhile.
        drawing ??= draw().finally(() => {
          drawing = undefined;
        });
        await drawing;
      }
      return sent < lines.length;
    },
    /** The line that `fill` waited for. */
    nextLine(): string {
      const line = lines[sent] as string;
      sent += 1;
      return line;
    },
    /** The oldest line on its way has its answer. @throws Error when there is none */
    settleOldest(): void {
      if (sent === 0) throw new Error('more answers than notices');
      characters -= (lines.shift() as string).length;
      sent -= 1;
      onAnswer();
    },
    /** @throws what the values themselves threw, if they did */
    throwSourceError(): void {
      if (failure) throw failure.error;
    },
    /** Tells the values' iterator that no more will be asked of it. */
    async close(): Promise<void> {
      if (ended) return;
      ended = true;
      const closed = Promise.resolve(source.return?.());
      // One that is still busy with a value ends after it, and nobody need wait for that.
      if (drawing) closed.catch(() => {});
      else await closed;
    },
  };
}

export type UnansweredNotices = ReturnType<typeof createUnansweredNotices>;

function iteratorOf<T>(values: Iterable<T> | AsyncIterable<T>): Iterator<T> | AsyncIterator<T> {
  return Symbol.asyncIterator in values ? values[Symbol.asyncIterator]() : values[Symbol.iterator]();
}
