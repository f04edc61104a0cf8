const PERSIAN_ZERO = '۰'.codePointAt(0) as number;
const ARABIC_ZERO = '٠'.codePointAt(0) as number;

/** Replaces Persian (۰-۹) and Arabic (٠-٩) digits by ASCII digits. */
export function toAsciiDigits(text: string): string {
  return text.replace(/[۰-۹٠-٩]/g, (digit) => {
    const code = digit.codePointAt(0) as number;
    return String(code - (code >= PERSIAN_ZERO ? PERSIAN_ZERO : ARABIC_ZERO));
  });
}

/** Replaces ASCII digits by Persian ones, for texts that people read. */
export const toPersianDigits = (text: string | number): string =>
  String(text).replace(/\d/g, (digit) => String.fromCodePoint(PERSIAN_ZERO + Number(digit)));

/** Marks that change the direction of text or join nothing. They are invisible in an input and would break comparisons. */
const BIDI_MARKS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/**
 * Normalises typed input: ASCII digits, Persian ی and ک, NFC, no bidi marks, no outer space. For inputs only (identifiers,
 * searches); official text is stored as it came.
 */
export function normaliseInput(text: string): string {
  // The marks first: one between a letter and its accent would keep NFC from joining them.
  return toAsciiDigits(text.replace(BIDI_MARKS, '').normalize('NFC'))
    .replace(/[يى]/g, 'ی')
    .replace(/ك/g, 'ک')
    .trim();
}

/** Normalises a number as people write it: digits of any script become ASCII, and spaces, dashes and dots between them go. */
export const normaliseNumber = (text: string): string =>
  normaliseInput(text).replace(/[\s\u200c\u00a0\-‐-―_.()/]/g, '');
