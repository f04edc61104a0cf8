/** The latest messages of a simulator, in the order of their ids. */
export interface MessageLog<Message extends { id: number }> {
  /** Adds a message; its id must be above all earlier ids. */
  append(message: Message): void;
  find(id: number): Message | undefined;
  /** Lists the messages, the oldest first. */
  all(): Message[];
  /** Lists the messages with an id above `after`, the newest first. */
  latest(limit: number, after: number): Message[];
  count(): number;
}

/**
 * Makes a log of at most `maxMessages` messages. The oldest are dropped in bulk: taking each from the front of a long array would
 * copy the array each time.
 */
export function createMessageLog<Message extends { id: number }>(
  maxMessages: number,
  onDropped: (message: Message) => void,
): MessageLog<Message> {
  const messages: Message[] = [];
  /** Index of the oldest message that is still in the log. */
  let first = 0;

  const dropOldest = () => {
    onDropped(messages[first] as Message);
    first += 1;
    if (first <= maxMessages) return;
    messages.splice(0, first);
    first = 0;
  };

  return {
    append(message) {
      messages.push(message);
      if (messages.length - first > maxMessages) dropOldest();
    },
    find(id) {
      let low = first;
      let high = messages.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((messages[middle] as Message).id < id) low = middle + 1;
        else high = middle;
      }
      return messages[low]?.id === id ? messages[low] : undefined;
    },
    all: () => messages.slice(first),
    latest(limit, after) {
      const found: Message[] = [];
      for (let at = messages.length - 1; at >= first && found.length < limit; at--) {
        const message = messages[at] as Message;
        if (message.id <= after) break;
        found.push(message);
      }
      return found;
    },
    count: () => messages.length - first,
  };
}
