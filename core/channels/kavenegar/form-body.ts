/** The characters that stand for themselves in a form, the same as for `encodeURIComponent`. */
const PLAIN = /[A-Za-z0-9\-_.!~*'()]/;
const HEX = Buffer.from('0123456789ABCDEF');
const PERCENT = '%'.charCodeAt(0);

const isPlain = Array.from({ length: 256 }, (_, byte) => byte < 128 && PLAIN.test(String.fromCharCode(byte)));

/**
 * Encodes fields as `application/x-www-form-urlencoded`, in UTF-8. Text that is not well-formed gets the replacement character.
 *
 * It works on bytes, because two hundred Persian messages are mostly escapes: Node's own `querystring` and `URLSearchParams`
 * put those together as strings, which takes five times as long and was a fifth of a worker's time for an SMS.
 */
export function formBody(fields: Record<string, string>): Buffer {
  const pairs = Object.entries(fields).map(
    ([name, value]) => [Buffer.from(name), Buffer.from(value)] as const,
  );
  const maxBytes = pairs.reduce((sum, [name, value]) => sum + 3 * (name.length + value.length) + 2, 0);
  const body = Buffer.allocUnsafe(maxBytes);
  let end = 0;
  for (const [name, value] of pairs) {
    if (end > 0) end = body.writeUInt8(0x26, end);
    end = escapeInto(body, end, name);
    end = body.writeUInt8(0x3d, end);
    end = escapeInto(body, end, value);
  }
  return body.subarray(0, end);
}

/** Writes bytes with their escapes, and returns the offset behind them. */
function escapeInto(body: Buffer, start: number, bytes: Buffer): number {
  let at = start;
  for (const byte of bytes) {
    if (isPlain[byte]) {
      body[at++] = byte;
    } else {
      body[at++] = PERCENT;
      body[at++] = HEX[byte >> 4] as number;
      body[at++] = HEX[byte & 15] as number;
    }
  }
  return at;
}
