const [QUOTE, COMMA, BACKSLASH] = [0x22, 0x2c, 0x5c];
/** A bracket and the brace of its kind differ in this bit. */
const BRACE_BIT = 0x20;
const [OPENING, CLOSING] = [0x7b, 0x7d];

/** In so few bytes there is room for no bomb, and most notices are smaller. */
const UNCHECKED_BYTES = 4 * 1024;
/** An employer with ten thousand workshops, the largest thing anybody may send us, has some 70,000. */
const MAX_JSON_ELEMENTS = 100_000;
const MAX_JSON_DEPTH = 32;

/**
 * Whether reading this JSON costs no more than its bytes say. A body of nothing but brackets keeps `JSON.parse`
 * busy for half a minute, and takes thirty times its size in memory; a long text, such as a file, costs little.
 *
 * @param json anything: whether it is JSON at all is for the parser to find out
 */
export function isWithinJsonLimits(json: Buffer): boolean {
  if (json.length <= UNCHECKED_BYTES) return true;
  let parts = 0;
  let depth = 0;
  for (let i = 0; i < json.length; i += 1) {
    const byte = json[i] as number;
    if (byte === QUOTE) i = endOfString(json, i + 1);
    else if (byte === COMMA) parts += 1;
    else if ((byte | BRACE_BIT) === CLOSING) depth -= 1;
    else if ((byte | BRACE_BIT) === OPENING) {
      depth += 1;
      parts += 1;
    }
    if (parts > MAX_JSON_ELEMENTS || depth > MAX_JSON_DEPTH) return false;
  }
  return true;
}

/** Where the quote stands that ends a text: one without a backslash that is meant for it. */
function endOfString(json: Buffer, start: number): number {
  for (let end = json.indexOf(QUOTE, start); end !== -1; end = json.indexOf(QUOTE, end + 1)) {
    let first = end;
    while (first > start && json[first - 1] === BACKSLASH) first -= 1;
    if ((end - first) % 2 === 0) return end;
  }
  return json.length;
}
