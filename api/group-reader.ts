import type { NdjsonLine } from './ndjson';

/** The size of one group, which becomes one transaction; a single line may exceed it. */
interface GroupLimits {
  lines: number;
  bytes: number;
}

const bytesOf = ({ bytes }: NdjsonLine): number => bytes?.length ?? 0;

/**
 * Collects arriving lines into groups: while the group before is being worked on, until the group is full; once that work is done,
 * whatever has arrived. A fast sender gets large transactions, and a slow one prompt answers. The reader is never more than one
 * full group ahead.
 */
export function createGroupReader(arrivals: AsyncIterator<NdjsonLine[]>, limits: GroupLimits) {
  const waiting: NdjsonLine[] = [];
  let bytes = 0;
  let reading = false;
  let ended = false;
  let failure: unknown;
  let wake = (): void => {};

  const isFull = () => waiting.length >= limits.lines || bytes >= limits.bytes;

  const read = async (): Promise<void> => {
    reading = true;
    try {
      const { done, value } = await arrivals.next();
      if (done) ended = true;
      else
        for (const line of value) {
          waiting.push(line);
          bytes += bytesOf(line);
        }
    } catch (error) {
      failure = error ?? new Error('the input broke off');
    }
    reading = false;
    wake();
  };

  const cutGroup = (): NdjsonLine[] => {
    let size = 0;
    const tooMuch = waiting.findIndex((line, i) => {
      size += bytesOf(line);
      return i >= limits.lines || (i > 0 && size > limits.bytes);
    });
    const group = waiting.splice(0, tooMuch === -1 ? waiting.length : tooMuch);
    bytes -= group.reduce((sum, line) => sum + bytesOf(line), 0);
    return group;
  };

  return {
    /**
     * Waits for the next group; an empty group is the end of the input.
     *
     * @param busy the work on the group before; the wait for more lines ends when it settles
     * @throws the error of the input, such as the abort of a request
     */
    async nextGroup(busy: Promise<unknown>): Promise<NdjsonLine[]> {
      let idle = false;
      const onIdle = () => {
        idle = true;
        wake();
      };
      busy.then(onIdle, onIdle);
      while (!ended && !isFull() && !(idle && waiting.length > 0)) {
        if (failure !== undefined) throw failure;
        if (!reading) void read();
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return cutGroup();
    },
    /** Ends the input: nothing more is read, and lines that were read ahead are dropped. */
    stop(): void {
      ended = true;
      waiting.length = 0;
      wake();
    },
  };
}
