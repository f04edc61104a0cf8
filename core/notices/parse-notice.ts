import { createHash } from 'node:crypto';
import { fileTypeFromBuffer } from 'file-type';
import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import {
  emailSchema,
  mobileSchema,
  nationalIdSchema,
  workshopCodeSchema,
} from '../employers/employer-schema';
import { type FieldFault, Refusal } from '../platform/errors';
import type { Lane } from '../platform/queues';
import { containsLink } from '../text/links';
import { MAX_ATTACHMENT_BYTES, type NoticeShape, noticeSchema } from './notice-schema';

/** An attachment whose bytes have the content type that it declares. */
export interface CheckedAttachment {
  id: string;
  fileName: string;
  contentType: string;
  bytes: Buffer;
  sha256: Buffer;
}

/** A notice whose fields are all valid. Whether its employer may be served is decided later. */
export interface ParsedNotice {
  reference: string;
  nationalId: string;
  workshopCode: string;
  mobile: string | null;
  email: string | null;
  subject: string;
  smsText: string | null;
  kind: string | null;
  priority: Lane;
  attachments: CheckedAttachment[];
  /** SHA-256 of the content in its normalised form: equal for the same notice written differently. */
  contentHash: Buffer;
}

/** The limits that keep an answer short, however many faults the request has and however long its keys are. */
const MAX_FIELD_FAULTS = 50;
const MAX_FAULT_PATH_LENGTH = 200;

/** Turns zod's issues into faults, field by field; an unknown field is named like any other. */
export const toFieldFaults = (error: z.ZodError): FieldFault[] =>
  error.issues
    .slice(0, MAX_FIELD_FAULTS)
    .flatMap((issue) => {
      const { path, message } = issue;
      if (issue.code !== 'unrecognized_keys') return [{ path, message }];
      const unknown = issue.keys.slice(0, MAX_FIELD_FAULTS);
      return unknown.map((key) => ({ path: [...path, key], message: 'is not a known field' }));
    })
    .slice(0, MAX_FIELD_FAULTS)
    .map(({ path, message }) => ({ path: path.join('.').slice(0, MAX_FAULT_PATH_LENGTH), message }));

/** Creates the refusal of a request whose shape is wrong. Every `invalid_request` with faults is made here. */
export const invalidRequest = (faults: FieldFault[]): Refusal =>
  new Refusal('invalid_request', 'The request is not in the form the contract asks for.', faults);

/** Creates the refusal of JSON that is too complex to be parsed at all. */
export const jsonTooComplex = (): Refusal =>
  invalidRequest([{ path: '', message: 'has more parts, or parts within parts, than anything we ask for' }]);

/**
 * Parses a notice as a sender wrote it, and checks everything that can be checked without the database.
 *
 * @param input the JSON value
 * @throws Refusal `invalid_request`, `too_large`, `invalid_national_id`, `invalid_workshop_code`,
 *   `invalid_mobile`, `invalid_email`, `link_not_allowed`, `invalid_attachment`
 */
export async function parseNotice(input: unknown): Promise<ParsedNotice> {
  const parsed = noticeSchema.safeParse(input);
  if (!parsed.success) throw invalidRequest(toFieldFaults(parsed.error));
  const notice = parsed.data;
  const { recipient } = notice;
  if (notice.smsText !== undefined && containsLink(notice.smsText)) {
    throw new Refusal('link_not_allowed', 'An SMS of a notice carries no link.', [
      { path: 'smsText', message: 'holds a link' },
    ]);
  }
  const read = {
    reference: notice.reference,
    nationalId: parseField(
      nationalIdSchema,
      recipient.nationalId,
      'invalid_national_id',
      'recipient.nationalId',
    ),
    workshopCode: parseField(
      workshopCodeSchema,
      recipient.workshopCode,
      'invalid_workshop_code',
      'recipient.workshopCode',
    ),
    mobile:
      recipient.mobile === undefined
        ? null
        : parseField(mobileSchema, recipient.mobile, 'invalid_mobile', 'recipient.mobile'),
    email:
      recipient.email === undefined
        ? null
        : parseField(emailSchema, recipient.email, 'invalid_email', 'recipient.email'),
    subject: notice.subject,
    smsText: notice.smsText ?? null,
    kind: notice.kind ?? null,
    priority: notice.priority,
  };
  const attachments = await Promise.all(notice.attachments.map(checkAttachment));
  return { ...read, attachments, contentHash: hashContent(read, attachments) };
}

function parseField<T>(schema: z.ZodType<T>, value: string, code: string, path: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const message = parsed.error.issues[0]?.message ?? 'is wrong';
  throw new Refusal(code, `${path} ${message}.`, [{ path, message }]);
}

async function checkAttachment(
  attachment: NoticeShape['attachments'][number],
  index: number,
): Promise<CheckedAttachment> {
  const path = `attachments.${index}.content`;
  const { fileName, contentType, content } = attachment;
  if (content.length > Math.ceil(MAX_ATTACHMENT_BYTES / 3) * 4) throw attachmentTooLarge(path);
  const bytes = Buffer.from(content, 'base64');
  if (bytes.toString('base64') !== content) throw invalidAttachment(path, 'is not base64');
  if (bytes.length > MAX_ATTACHMENT_BYTES) throw attachmentTooLarge(path);
  const found = await fileTypeFromBuffer(bytes);
  if (found?.mime !== contentType) throw invalidAttachment(path, `is not ${contentType}`);
  return { id: uuidv7(), fileName, contentType, bytes, sha256: createHash('sha256').update(bytes).digest() };
}

const attachmentTooLarge = (path: string) =>
  new Refusal('too_large', 'An attachment is larger than 5 MB.', [{ path, message: 'is larger than 5 MB' }]);

const invalidAttachment = (path: string, message: string) =>
  new Refusal('invalid_attachment', 'The bytes of an attachment are not what they are said to be.', [
    { path, message },
  ]);

/** Hashes the content as an array of values in a fixed order, so that the order of keys does not matter. */
function hashContent(
  notice: Omit<ParsedNotice, 'attachments' | 'contentHash'>,
  attachments: CheckedAttachment[],
): Buffer {
  const { nationalId, workshopCode, mobile, email, subject, smsText, kind, priority } = notice;
  const files = attachments.map((file) => [file.fileName, file.contentType, file.sha256.toString('hex')]);
  return createHash('sha256')
    .update(
      JSON.stringify([nationalId, workshopCode, mobile, email, subject, smsText, kind, priority, files]),
    )
    .digest();
}
