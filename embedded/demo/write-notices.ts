import type { AttachmentStore } from '../../core/notices/attachment-store';
import { type ParsedNotice, parseNotice } from '../../core/notices/parse-notice';
import { composeSmsText, type SmsWording } from '../../core/notices/sms-text';
import type { Queryable } from '../../core/platform/database';
import { toTrackingNumber } from '../../core/text/identifiers';
import type { DemoNotice } from './generate-history';
import { samplePdf, samplePng } from './sample-files';
import type { DemoAttachment, DemoSource } from './subjects';

/** What the rows of other tables need to know of a notice. */
export interface WrittenNotice extends DemoNotice {
  sourceId: number;
  sourceCode: DemoSource['code'];
  smsText: string;
}

/**
 * Writes notices with the instants of their story. Each is read by the rules of the door first, so sending
 * the same again is a duplicate like any other.
 *
 * @param sourceIds by code
 * @param employerIds by national ID
 */
export async function writeNotices(
  trx: Queryable,
  notices: DemoNotice[],
  { wording, attachments }: { wording: SmsWording; attachments: AttachmentStore },
  sourceIds: Map<string, number>,
  employerIds: Map<string, string>,
): Promise<WrittenNotice[]> {
  const serials = await trx.query<{ serial: string }>(
    `SELECT nextval('tracking_numbers') AS serial FROM generate_series(1, $1)`,
    [notices.length],
  );
  const numbers = serials.map(({ serial }) => toTrackingNumber(serial));
  const parsed = await Promise.all(notices.map((notice) => parseNotice(asSubmitted(notice))));
  const written = notices.map((notice, i): WrittenNotice => {
    const { source, smsText } = notice.subject;
    const text = composeSmsText(wording, smsText, notice.employer.name, numbers[i] as string);
    return { ...notice, sourceId: sourceIds.get(source) as number, sourceCode: source, smsText: text };
  });
  await trx.query(
    `INSERT INTO notices (id, source_id, reference, content_hash, tracking_number, employer_id, workshop_code,
                          subject, sms_text, kind, priority, accepted_at, registered_at, first_viewed_at)
     SELECT id, source_id, reference, content_hash, tracking_number, employer_id, workshop_code, subject, sms_text,
            kind, priority, at, at, first_viewed_at
       FROM unnest($1::uuid[], $2::int[], $3::text[], $4::bytea[], $5::bigint[], $6::bigint[], $7::text[],
                   $8::text[], $9::text[], $10::text[], $11::text[], $12::timestamptz[], $13::timestamptz[])
         AS n(id, source_id, reference, content_hash, tracking_number, employer_id, workshop_code, subject, sms_text,
              kind, priority, at, first_viewed_at)`,
    [
      written.map(({ id }) => id),
      written.map(({ sourceId }) => sourceId),
      written.map(({ reference }) => reference),
      parsed.map(({ contentHash }) => contentHash),
      numbers,
      written.map(({ employer }) => employerIds.get(employer.nationalId)),
      written.map(({ workshopCode }) => workshopCode),
      written.map(({ subject }) => subject.subject),
      written.map(({ smsText }) => smsText),
      written.map(({ subject }) => subject.kind),
      written.map(({ subject }) => subject.priority),
      written.map(({ acceptedAt }) => acceptedAt),
      written.map(({ viewedAt }) => viewedAt),
    ],
  );
  await writeAttachments(trx, notices, parsed, attachments);
  return written;
}

/** The bytes of all papers, once for each kind. */
const SAMPLE_CONTENT: Record<DemoAttachment['contentType'], string> = {
  'application/pdf': samplePdf().toString('base64'),
  'image/png': samplePng().toString('base64'),
};

/** Keeps the files of notices, as they would be kept had they come through the door. */
async function writeAttachments(
  trx: Queryable,
  notices: DemoNotice[],
  parsed: ParsedNotice[],
  attachments: AttachmentStore,
): Promise<void> {
  const files = notices.flatMap(({ id }, i) =>
    (parsed[i] as ParsedNotice).attachments.map((file, position) => ({ ...file, noticeId: id, position })),
  );
  await Promise.all(files.map(({ id, bytes }) => attachments.put(id, bytes)));
  await trx.query(
    `INSERT INTO attachments (id, notice_id, position, file_name, content_type, size, sha256)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::text[], $5::text[], $6::int[], $7::bytea[])`,
    [
      files.map(({ id }) => id),
      files.map(({ noticeId }) => noticeId),
      files.map(({ position }) => position),
      files.map(({ fileName }) => fileName),
      files.map(({ contentType }) => contentType),
      files.map(({ bytes }) => bytes.length),
      files.map(({ sha256 }) => sha256),
    ],
  );
}

/** The body of `POST /v1/notices` it would have come in. */
function asSubmitted({ reference, employer, workshopCode, subject, attachments }: DemoNotice) {
  return {
    reference,
    recipient: { nationalId: employer.nationalId, workshopCode },
    subject: subject.subject,
    ...(subject.smsText && { smsText: subject.smsText }),
    kind: subject.kind,
    priority: subject.priority,
    attachments: attachments.map((paper) => ({ ...paper, content: SAMPLE_CONTENT[paper.contentType] })),
  };
}
