import { createGroupReader } from '../../api/group-reader';
import type { NdjsonLine } from '../../api/ndjson';

const lines = (from: number, to: number, size = 1): NdjsonLine[] =>
  Array.from({ length: to - from + 1 }, (_, i) => ({ number: from + i, bytes: Buffer.alloc(size) }));

/** An input that counts how often it is read. */
function input(chunks: NdjsonLine[][]) {
  const state = { reads: 0 };
  const arrivals: AsyncIterator<NdjsonLine[]> = {
    async next() {
      state.reads += 1;
      const value = chunks.shift();
      return value ? { done: false, value } : { done: true, value: undefined };
    },
  };
  return { arrivals, state };
}

const never = new Promise<void>(() => {});
const numbers = (group: NdjsonLine[]) => group.map(({ number }) => number);

describe('collecting lines into groups', () => {
  it('gives the arrived lines at once when no group is being worked on', async () => {
    const { arrivals, state } = input([lines(1, 2), lines(3, 4)]);
    const reader = createGroupReader(arrivals, { lines: 10, bytes: 100 });
    expect(numbers(await reader.nextGroup(Promise.resolve()))).toEqual([1, 2]);
    expect(state.reads).toBe(1);
  });

  it('fills one group while another is being worked on, and reads no further', async () => {
    const { arrivals, state } = input([lines(1, 2), lines(3, 4), lines(5, 6), lines(7, 8)]);
    const reader = createGroupReader(arrivals, { lines: 4, bytes: 100 });
    expect(numbers(await reader.nextGroup(never))).toEqual([1, 2, 3, 4]);
    expect(state.reads).toBe(2);
  });

  it('cuts a chunk of many lines into groups, in order', async () => {
    const { arrivals } = input([lines(1, 5)]);
    const reader = createGroupReader(arrivals, { lines: 2, bytes: 100 });
    expect(numbers(await reader.nextGroup(never))).toEqual([1, 2]);
    expect(numbers(await reader.nextGroup(never))).toEqual([3, 4]);
    expect(numbers(await reader.nextGroup(never))).toEqual([5]);
    expect(numbers(await reader.nextGroup(never))).toEqual([]);
  });

  it('limits a group of large lines, which still holds one line at least', async () => {
    const { arrivals } = input([lines(1, 3, 60)]);
    const reader = createGroupReader(arrivals, { lines: 10, bytes: 50 });
    expect(numbers(await reader.nextGroup(never))).toEqual([1]);
    expect(numbers(await reader.nextGroup(never))).toEqual([2]);
  });

  it('ends when it is stopped, even while it waits for input', async () => {
    const reader = createGroupReader({ next: () => never as Promise<never> }, { lines: 1, bytes: 1 });
    const group = reader.nextGroup(Promise.resolve());
    reader.stop();
    expect(await group).toEqual([]);
  });

  it('throws the error of an input that breaks off', async () => {
    const broken = { next: () => Promise.reject(new Error('aborted')) };
    const reader = createGroupReader(broken, { lines: 1, bytes: 1 });
    await expect(reader.nextGroup(Promise.resolve())).rejects.toThrow('aborted');
  });
});
