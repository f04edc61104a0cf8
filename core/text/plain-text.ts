import { z } from 'zod';

/** Control characters no text of ours has; a line break is let through where texts have lines. */
const CONTROL_CHARACTER = /[^\P{Cc}\t\n]/u;

/** Letters behind one of these are shown in another order than they stand: `exe.fdp` as `pdf.exe`. No writing needs them. */
const DIRECTION_OVERRIDE = /[\u202d\u202e]/;

const isPlainText = (text: string) =>
  text.isWellFormed() && !CONTROL_CHARACTER.test(text) && !DIRECTION_OVERRIDE.test(text);

/**
 * A text of up to `max` characters (code points, as JSON Schema counts them), with lines. What PostgreSQL, SMS
 * or JSON cannot carry is refused.
 */
export const multiLineText = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => isPlainText(text) && text.trim() !== '', 'must be text without control characters');

/** The same on one line: subjects, names. */
export const singleLineText = (max: number) =>
  multiLineText(max).refine((text) => !/[\n\t\u2028\u2029]/.test(text), 'must be one line');

/** Deliberately plain: one @, no space, no bracket; a wrong address bounces, a clever rule refuses real ones. */
export const EMAIL_PATTERN =
  /^[^\s@<>()[\]\\,;:"\p{Cc}]{1,64}@(?:[^\s@<>()[\]\\,;:"._\p{Cc}]+\.)+[^\s@<>()[\]\\,;:"._\p{Cc}]{2,}$/u;
