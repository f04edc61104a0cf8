import { z } from 'zod';
import { isNationalId, parseMobile } from '../text/identifiers';
import { normaliseNumber } from '../text/normalise';
import { EMAIL_PATTERN, singleLineText } from '../text/plain-text';

/** A national ID in Persian, Arabic or ASCII digits, with its check digit. */
export const nationalIdSchema = z
  .string()
  .max(64)
  .transform(normaliseNumber)
  .refine(isNationalId, 'is not a national ID')
  .meta({
    description: 'کد ملی of a person (10 digits) or شناسه ملی of a legal entity (11 digits)',
    example: '0499370899',
  });

export const workshopCodeSchema = z
  .string()
  .max(64)
  .transform(normaliseNumber)
  .refine((code) => /^\d{10}$/.test(code), 'is not a workshop code of 10 digits')
  .meta({ description: 'کد کارگاه, 10 digits', example: '0183630045' });

export const mobileSchema = z
  .string()
  .max(64)
  .transform((text, context) => {
    const mobile = parseMobile(text);
    if (mobile) return mobile;
    context.addIssue({ code: 'custom', message: 'is not a mobile number' });
    return z.NEVER;
  })
  .meta({ description: 'mobile number, in any way people write it', example: '09121234567' });

export const emailSchema = z
  .string()
  .max(254)
  .regex(EMAIL_PATTERN, 'is not an email address')
  .refine((text) => text.isWellFormed(), 'is not an email address');

/** An instant from the year 1 on; PostgreSQL and Node read earlier years differently. */
const dateSchema = z.iso
  .datetime({ offset: true })
  .refine((text) => !text.startsWith('0000'), 'is not a date');

/** The body of `PUT /v1/employers/{nationalId}`: everything the register holds about one employer. */
export const employerSchema = z
  .strictObject({
    name: singleLineText(200),
    mobile: mobileSchema.nullable().optional(),
    email: emailSchema.nullable().optional(),
    workshops: z
      .array(
        z.strictObject({
          code: workshopCodeSchema,
          name: singleLineText(200),
          agreement: z
            .strictObject({ signedAt: dateSchema, branch: singleLineText(200) })
            .nullable()
            .meta({
              description: 'تفاهم‌نامه ابلاغ الکترونیک; without one nothing is served for the workshop',
            }),
        }),
      )
      .max(10_000),
  })
  .refine(({ workshops }) => new Set(workshops.map(({ code }) => code)).size === workshops.length, {
    path: ['workshops'],
    message: 'names a workshop twice',
  });
export type EmployerInput = z.infer<typeof employerSchema>;
