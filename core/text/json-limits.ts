const [QUOTE, COMMA, BACKSLASH] = [0x22, 0x2c, 0x5c];
/** The one bit in which `[` differs from `{`, and `]` from `}`. */
const BRACE_BIT = 0x20;
const [OPENING, CLOSING] = [0x7b, 0x7d];

/** Smaller JSON is not checked: it cannot cost much, and most notices are smaller. */
const UNCHECKED_BYTES = 4 * 1024;
/** The largest legitimate body, an employer with ten thousand workshops, has some 70,000 elements. */
const MAX_JSON_ELEMENTS = 100_000;
const MAX_JSON_DEPTH = 32;

/**
 * Checks that parsing this JSON costs no more than its size suggests. A body of nothing but brackets keeps `JSON.parse` busy for
 * half a minute and takes thirty times its size in memory; a long string, such as a file, costs little.
 *
 * @param json any bytes: whether they are JSON at all is left to the parser
 */
export function isWithinJsonLimits(json: Buffer): boolean {
  if (json.length <= UNCHECKED_BYTES) return true;
  let elements = 0;
  let depth = 0;
  for (let i = 0; i < json.length; i += 1) {
    const byte = json[i] as number;
    if (byte === QUOTE) i = endOfString(json, i + 1);
    else if (byte === COMMA) elements += 1;
    else if ((byte | BRACE_BIT) === CLOSING) depth -= 1;
    else if ((byte | BRACE_BIT) === OPENING) {
      depth += 1;
      elements += 1;
    }
    if (elements > MAX_JSON_ELEMENTS || depth > MAX_JSON_DEPTH) return false;
  }
  return true;
}

/** Finds the quote that ends a string: the first one that no backslash escapes. */
function endOfString(json: Buffer, start: number): number {
  for (let end = json.indexOf(QUOTE, start); end !== -1; end = json.indexOf(QUOTE, end + 1)) {
    let first = end;
    while (first > start && json[first - 1] === BACKSLASH) first -= 1;
    if ((end - first) % 2 === 0) return end;
  }
  return json.length;
}
