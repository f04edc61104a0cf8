import { z } from 'zod';

/** Control characters other than tab and line break, which are allowed in texts of several lines. */
const CONTROL_CHARACTER = /[^\P{Cc}\t\n]/u;

/** Characters that reverse the display of the letters after them, so that `exe.fdp` reads `pdf.exe`. No language needs them. */
const DIRECTION_OVERRIDE = /[\u202d\u202e]/;

const isPlainText = (text: string) =>
  text.isWellFormed() && !CONTROL_CHARACTER.test(text) && !DIRECTION_OVERRIDE.test(text);

/**
 * Creates the schema of a text of up to `max` characters (code points, as JSON Schema counts them), which may have several lines.
 * Characters that PostgreSQL, SMS or JSON cannot carry are refused.
 */
export const multiLineText = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => isPlainText(text) && text.trim() !== '', 'must be text without control characters');

/** Creates the schema of a text of one line, such as a subject or a name. */
export const singleLineText = (max: number) =>
  multiLineText(max).refine((text) => !/[\n\t\u2028\u2029]/.test(text), 'must be one line');

/** An email address, checked loosely: one @, no space, no bracket. A wrong address bounces; a strict rule would refuse real ones. */
export const EMAIL_PATTERN =
  /^[^\s@<>()[\]\\,;:"\p{Cc}]{1,64}@(?:[^\s@<>()[\]\\,;:"._\p{Cc}]+\.)+[^\s@<>()[\]\\,;:"._\p{Cc}]{2,}$/u;
