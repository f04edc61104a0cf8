import type { NdjsonLine } from './ndjson';

/** How much one transaction should carry; a single line may be larger. */
interface GroupLimits {
  lines: number;
  bytes: number;
}

const bytesOf = ({ bytes }: NdjsonLine): number => bytes?.length ?? 0;

/**
 * Collects lines into groups, as they arrive: a full group while the one before is being worked on, and
 * whatever is there as soon as that work is done. So a fast sender gets large transactions and a slow one
 * prompt answers. Reads no further than one full group ahead.
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

  const cut = (): NdjsonLine[] => {
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
     * The next group; an empty one is the end of the input.
     *
     * @param busy the work on the group before; settled work ends the wait for more lines
     * @throws what the input threw, such as the abort of a request
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
      return cut();
    },
    /** Ends the input here: nothing more is read, and what was read ahead is dropped. */
    stop(): void {
      ended = true;
      waiting.length = 0;
      wake();
    },
  };
}
