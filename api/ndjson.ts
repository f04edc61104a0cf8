import { invalidRequest, jsonTooComplex } from '../core/notices/parse-notice';
import { Refusal } from '../core/platform/errors';
import { isWithinJsonLimits } from '../core/text/json-limits';
import type { Reservation } from './body-memory-budget';

/** A line of the input. Its `bytes` are null when they were not kept: it was longer than the limit. */
export interface NdjsonLine {
  /** Counted from 1; blank lines count and are not delivered. */
  number: number;
  bytes: Buffer | null;
  /** Whether its bytes were not kept because there was no room for them just now. */
  outOfMemory?: boolean;
}

const LF = 10;
const CR = 13;
const WHITESPACE_BYTES = new Set([9, 32, CR]);
const EMPTY = Buffer.alloc(0);
const UNLIMITED = { reserve: () => true, release: () => {} };

/**
 * Cuts bytes into lines, however they are split into chunks. Holds one unfinished line of up to `maxBytes`;
 * of a longer one, nothing. A last line needs no line break.
 *
 * @param account where the room for its lines is taken; who gets a line gives back that of its bytes
 */
export function createLineFramer(
  maxBytes: number,
  account: Pick<Reservation, 'reserve' | 'release'> = UNLIMITED,
) {
  let number = 0;
  let held = EMPTY;
  let length = 0;
  let lost: 'too long' | 'no room' | null = null;

  /** Counts a part of the line. Returns whether it is kept: once a part is not, nothing of its line is. */
  const keep = (part: Buffer): boolean => {
    const kept = lost ? 0 : length;
    length += part.length;
    if (!lost && length > maxBytes) lost = 'too long';
    else if (!lost && !account.reserve(part.length)) lost = 'no room';
    if (!lost) return true;
    account.release(kept);
    held = EMPTY;
    return false;
  };

  const hold = (part: Buffer): void => {
    const start = length;
    if (!keep(part) || part.length === 0) return;
    // Copied into one growing buffer: keeping the parts would let one-byte chunks cost a hundredfold.
    if (length > held.length) held = Buffer.concat([held.subarray(0, start)], Math.min(maxBytes, length * 2));
    part.copy(held, start);
  };

  const finish = (part: Buffer): NdjsonLine[] => {
    number += 1;
    let bytes = part;
    if (length === 0) keep(part);
    else {
      hold(part);
      bytes = held.subarray(0, length);
    }
    const why = lost;
    held = EMPTY;
    length = 0;
    lost = null;
    if (why) return [{ number, bytes: null, ...(why === 'no room' && { outOfMemory: true }) }];
    const lines = toLines(number, bytes);
    account.release(bytes.length - (lines[0]?.bytes.length ?? 0));
    return lines;
  };

  return {
    /** The lines that this chunk ends. */
    push(chunk: Buffer): NdjsonLine[] {
      const lines: NdjsonLine[] = [];
      let start = 0;
      for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
        lines.push(...finish(chunk.subarray(start, end)));
        start = end + 1;
      }
      hold(chunk.subarray(start));
      return lines;
    },
    /** The last line, if the input did not end with a line break. */
    end: (): NdjsonLine[] => (length > 0 ? finish(EMPTY) : []),
  };
}

function toLines(number: number, framed: Buffer) {
  const marked = number === 1 && framed[0] === 0xef && framed[1] === 0xbb && framed[2] === 0xbf;
  const bytes = framed.subarray(marked ? 3 : 0, framed.at(-1) === CR ? -1 : undefined);
  return bytes.every((byte) => WHITESPACE_BYTES.has(byte)) ? [] : [{ number, bytes }];
}

/** The lines of a stream, as many at a time as each of its chunks ends. */
export async function* frameLines(
  chunks: AsyncIterable<Buffer>,
  maxBytes: number,
  account?: Reservation,
): AsyncGenerator<NdjsonLine[]> {
  const framer = createLineFramer(maxBytes, account);
  for await (const chunk of chunks) yield framer.push(chunk);
  yield framer.end();
}

// A byte order mark is taken off the first line above; inside the input it is an error like any other.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The JSON value of a line, or the refusal of a line that has none: broken UTF-8, no JSON, too long or intricate. */
export function parseJsonLine({ bytes }: NdjsonLine): unknown | Refusal {
  if (bytes === null) return new Refusal('too_large', 'The line is too long.');
  if (!isWithinJsonLimits(bytes)) return jsonTooComplex();
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch (error) {
    const message = error instanceof SyntaxError ? 'is not JSON' : 'is not UTF-8';
    return invalidRequest([{ path: '', message }]);
  }
}
