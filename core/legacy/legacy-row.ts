import { createHash } from 'node:crypto';
import { z } from 'zod';
import { nationalIdSchema, workshopCodeSchema } from '../employers/employer-schema';
import { isLegacy } from '../notices/legacy-portal';
import { parseJalaliDate, startOfDay } from '../text/jalali-calendar';
import { multiLineText, singleLineText } from '../text/plain-text';

/** The prefix of the references of imported notices, so that none equals a reference of a source system. */
const REFERENCE_PREFIX = 'legacy:';

/** An instant before the first notice ever; an older date is a mistake in the file. */
const EARLIEST_DATE = new Date('1950-01-01T00:00:00Z');

/** An instant (RFC 3339), or a Jalali day, which stands for its first instant in Tehran. */
const legacyDate = z.string().transform((text, context) => {
  const day = parseJalaliDate(text);
  const instant = day ? startOfDay(day) : parseInstant(text);
  if (instant && instant > EARLIEST_DATE) return instant;
  context.addIssue({ code: 'custom', message: 'is neither a Jalali date nor an instant' });
  return z.NEVER;
});

const parseInstant = (text: string): Date | null =>
  z.iso.datetime({ offset: true }).safeParse(text).success ? new Date(text) : null;

/** Reads an empty field as null. */
const optionalField = <T>(schema: z.ZodType<T>) =>
  z.preprocess((text) => text || null, schema.nullable()).default(null);

/** One line of the file, keyed by the names of the columns. */
const legacyRowSchema = z.strictObject({
  source: singleLineText(64),
  reference: singleLineText(64 - REFERENCE_PREFIX.length).transform(
    (reference) => REFERENCE_PREFIX + reference,
  ),
  nationalId: nationalIdSchema,
  workshopCode: workshopCodeSchema,
  subject: singleLineText(200),
  registeredAt: legacyDate.refine(isLegacy, 'is not before the end of the previous portal'),
  smsText: optionalField(multiLineText(900)),
  kind: optionalField(
    z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be lower-case letters, digits and dashes'),
  ),
  firstViewedAt: optionalField(legacyDate),
});

export type LegacyRow = z.infer<typeof legacyRowSchema> & { contentHash: Buffer };

export const LEGACY_COLUMNS = Object.keys(legacyRowSchema.shape);
export const REQUIRED_LEGACY_COLUMNS = LEGACY_COLUMNS.slice(0, 6);

/** Parses one line of the file. @returns the row, or its fault as a text for people */
export function parseLegacyRow(columns: string[], fields: string[]): LegacyRow | string {
  if (fields.length !== columns.length) return `has ${fields.length} fields, not ${columns.length}`;
  if (fields.some((field) => field.includes('\ufffd'))) return 'is not UTF-8';
  const given = Object.fromEntries(columns.map((column, i) => [column, fields[i]?.trim()]));
  const parsed = legacyRowSchema.safeParse(given);
  if (!parsed.success) {
    return parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ');
  }
  const contentHash = createHash('sha256')
    .update(JSON.stringify(LEGACY_COLUMNS.map((column) => parsed.data[column as keyof typeof parsed.data])))
    .digest();
  return { ...parsed.data, contentHash };
}
