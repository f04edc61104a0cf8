import fc from 'fast-check';
import { createLineFramer, frameLines, parseJsonLine } from '../../api/ndjson';
import { Refusal } from '../../core/platform/errors';

const MAX = 64;

/** The lines of chunks: their numbers, and their texts, or null for a line that is too long. */
function frame(chunks: Buffer[]): [number, string | null][] {
  const framer = createLineFramer(MAX);
  const lines = [...chunks.flatMap((chunk) => framer.push(chunk)), ...framer.end()];
  return lines.map(({ number, bytes }) => [number, bytes?.toString('latin1') ?? null]);
}

/** Cuts bytes at the given places. */
const split = (bytes: Buffer, places: number[]): Buffer[] => {
  const cuts = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((end, i) => bytes.subarray(cuts[i], end));
};

const bytes = fc
  .array(fc.oneof(fc.uint8Array({ maxLength: 90 }), fc.constantFrom('\n', '\r\n', '\n\n', '﻿')), {
    maxLength: 20,
  })
  .map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array))));

describe('framing lines', () => {
  it('gives the same lines wherever the bytes are split', () => {
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(), { maxLength: 40 }), (input, places) => {
        expect(frame(split(input, places))).toEqual(frame([input]));
      }),
    );
  });

  it('gives the same lines when the bytes arrive one by one', () => {
    fc.assert(
      fc.property(bytes, (input) => {
        expect(frame([...input].map((byte) => Buffer.from([byte])))).toEqual(frame([input]));
      }),
    );
  });

  it('gives the lines beside a line of garbage unchanged', () => {
    const garbage = fc
      .uint8Array({ maxLength: 200 })
      .map((line) => Buffer.from(line.filter((byte) => byte !== 10)));
    fc.assert(
      fc.property(garbage, fc.array(fc.nat(), { maxLength: 10 }), (middle, places) => {
        const input = Buffer.concat([Buffer.from('{"a":1}\n'), middle, Buffer.from('\n{"b":2}\n')]);
        const framer = createLineFramer(MAX);
        const lines = [...split(input, places).flatMap((chunk) => framer.push(chunk)), ...framer.end()];
        const values = new Map(lines.map((line) => [line.number, parseJsonLine(line)]));
        expect(values.get(1)).toEqual({ a: 1 });
        expect(values.get(3)).toEqual({ b: 2 });
        expect(Math.max(...values.keys())).toBe(3);
      }),
    );
  });

  it('keeps a line of exactly the limit, and no longer line', () => {
    expect(frame([Buffer.from(`${'a'.repeat(MAX)}\n${'b'.repeat(MAX + 1)}\nc`)])).toEqual([
      [1, 'a'.repeat(MAX)],
      [2, null],
      [3, 'c'],
    ]);
  });

  it('gives the lines of each chunk as it arrives', async () => {
    async function* chunks() {
      yield Buffer.from('{"a":1}\n{"a"');
      yield Buffer.from(':2}');
    }
    const values = [];
    for await (const lines of frameLines(chunks(), MAX)) values.push(lines.map(parseJsonLine));
    expect(values).toEqual([[{ a: 1 }], [], [{ a: 2 }]]);
  });

  it.each([
    ['broken UTF-8', Buffer.from([0x22, 0xc3, 0x22]), 'invalid_request'],
    ['half a JSON text', Buffer.from('{"a":'), 'invalid_request'],
    ['a byte order mark in the middle', Buffer.from('﻿1'), 'invalid_request'],
    ['a line too long', null, 'too_large'],
  ])('refuses %s for that line alone', (_name, line, code) => {
    const refusal = parseJsonLine({ number: 1, bytes: line });
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal).toMatchObject({ code });
  });
});
