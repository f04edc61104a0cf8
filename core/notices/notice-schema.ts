import { z } from 'zod';
import { LANES } from '../platform/queues';
import { multiLineText, singleLineText } from '../text/plain-text';

export const ATTACHMENT_TYPES = ['application/pdf', 'image/png', 'image/jpeg'] as const;
export const MAX_ATTACHMENTS = 5;
export const MAX_ATTACHMENT_BYTES = 5 * 1024 * 1024;
/** The base64 of five attachments of full size, and 64 KB for the other fields. */
export const MAX_NOTICE_BYTES = Math.ceil((MAX_ATTACHMENTS * MAX_ATTACHMENT_BYTES * 4) / 3) + 64 * 1024;

const attachmentSchema = z.strictObject({
  fileName: singleLineText(200).refine((name) => !/[/\\]/.test(name), 'must be a name, not a path'),
  contentType: z.enum(ATTACHMENT_TYPES),
  content: z.string().meta({ description: 'the bytes in base64, up to 5 MB' }),
});

/**
 * The shape of a notice at every door. Its meaning (check digits, agreements, the true type of a file) is checked afterwards, so that
 * each fault has a code of its own.
 */
export const noticeSchema = z
  .strictObject({
    reference: singleLineText(64).meta({
      description: 'the idempotency key: unique per source system, for ever',
      example: 'HR-1403-000123',
    }),
    recipient: z.strictObject({
      nationalId: z.string().max(64).meta({ description: 'کد ملی or شناسه ملی', example: '0499370899' }),
      workshopCode: z.string().max(64).meta({ description: 'کد کارگاه', example: '0183630045' }),
      mobile: z.string().max(64).optional().meta({ description: 'wins over the register' }),
      email: z.string().max(254).optional().meta({ description: 'wins over the register' }),
    }),
    subject: singleLineText(200).meta({ example: 'اعلام سابقه' }),
    smsText: multiLineText(900).optional().meta({ description: 'no link; the configured text if absent' }),
    kind: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be lower-case letters, digits and dashes')
      .optional()
      .meta({ example: 'record-declaration' }),
    priority: z.enum(LANES).default('normal'),
    attachments: z.array(attachmentSchema).max(MAX_ATTACHMENTS).default([]),
  })
  .meta({ id: 'Notice' });

export type NoticeInput = z.input<typeof noticeSchema>;
export type NoticeShape = z.output<typeof noticeSchema>;

/** The answer to an accepted notice, the same at every door. */
export const acceptedSchema = z
  .strictObject({
    id: z.uuid(),
    trackingNumber: z.string(),
    state: z.literal('accepted'),
    acceptedAt: z.iso.datetime(),
    duplicate: z
      .boolean()
      .meta({ description: 'true: this reference was accepted before, with the same content' }),
  })
  .meta({ id: 'Accepted' });
export type Accepted = z.infer<typeof acceptedSchema>;
