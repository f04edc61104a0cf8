import { invalidRequest, jsonTooComplex } from '../core/notices/parse-notice';
import { Refusal } from '../core/platform/errors';
import { isWithinJsonLimits } from '../core/text/json-limits';
import type { Reservation } from './body-memory-budget';

/** A line of the input. Its `bytes` are null when they were not kept: the line was too long, or memory was exhausted. */
export interface NdjsonLine {
  /** Counted from 1. Blank lines are counted and left out. */
  number: number;
  bytes: Buffer | null;
  /** Whether the bytes were not kept because the memory budget was exhausted. */
  outOfMemory?: boolean;
}

const LF = 10;
const CR = 13;
const WHITESPACE_BYTES = new Set([9, 32, CR]);
const EMPTY = Buffer.alloc(0);
const UNLIMITED = { reserve: () => true, release: () => {} };

/**
 * Cuts bytes into lines, however they are split into chunks. It holds one unfinished line of up to `maxBytes`; a longer line is not
 * held. The last line needs no line break.
 *
 * @param reservation the memory for the lines; the receiver of a line releases its bytes
 */
export function createLineFramer(
  maxBytes: number,
  reservation: Pick<Reservation, 'reserve' | 'release'> = UNLIMITED,
) {
  let number = 0;
  let held = EMPTY;
  let length = 0;
  let dropped: 'too long' | 'out of memory' | null = null;

  /** Counts a piece of the line. Returns whether it is kept; once one piece is dropped, its whole line is. */
  const keep = (piece: Buffer): boolean => {
    const kept = dropped ? 0 : length;
    length += piece.length;
    if (!dropped && length > maxBytes) dropped = 'too long';
    else if (!dropped && !reservation.reserve(piece.length)) dropped = 'out of memory';
    if (!dropped) return true;
    reservation.release(kept);
    held = EMPTY;
    return false;
  };

  const hold = (piece: Buffer): void => {
    const start = length;
    if (!keep(piece) || piece.length === 0) return;
    // The pieces are copied into one growing buffer: kept one by one, pieces of a single byte would cost a hundredfold.
    if (length > held.length) held = Buffer.concat([held.subarray(0, start)], Math.min(maxBytes, length * 2));
    piece.copy(held, start);
  };

  const finish = (piece: Buffer): NdjsonLine[] => {
    number += 1;
    let bytes = piece;
    if (length === 0) keep(piece);
    else {
      hold(piece);
      bytes = held.subarray(0, length);
    }
    const dropReason = dropped;
    held = EMPTY;
    length = 0;
    dropped = null;
    if (dropReason)
      return [{ number, bytes: null, ...(dropReason === 'out of memory' && { outOfMemory: true }) }];
    const lines = toLines(number, bytes);
    reservation.release(bytes.length - (lines[0]?.bytes.length ?? 0));
    return lines;
  };

  return {
    /** Gives the lines that end in this chunk. */
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
    /** Gives the last line, if the input did not end with a line break. */
    end: (): NdjsonLine[] => (length > 0 ? finish(EMPTY) : []),
  };
}

function toLines(number: number, framed: Buffer) {
  const marked = number === 1 && framed[0] === 0xef && framed[1] === 0xbb && framed[2] === 0xbf;
  const bytes = framed.subarray(marked ? 3 : 0, framed.at(-1) === CR ? -1 : undefined);
  return bytes.every((byte) => WHITESPACE_BYTES.has(byte)) ? [] : [{ number, bytes }];
}

/** Cuts a stream into lines, and gives those that end in each chunk together. */
export async function* frameLines(
  chunks: AsyncIterable<Buffer>,
  maxBytes: number,
  reservation?: Reservation,
): AsyncGenerator<NdjsonLine[]> {
  const framer = createLineFramer(maxBytes, reservation);
  for await (const chunk of chunks) yield framer.push(chunk);
  yield framer.end();
}

// The byte order mark of the first line is removed above; anywhere else it is an error like any other.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Parses a line as JSON; returns a refusal for broken UTF-8, no JSON, a line too long or JSON too complex. */
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
