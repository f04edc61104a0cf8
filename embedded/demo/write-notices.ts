import type { AttachmentStore } from '../../core/notices/attachment-store';
import { type ParsedNotice, parseNotice } from '../../core/notices/parse-notice';
import { composeSmsText, type SmsWording } from '../../core/notices/sms-text';
import type { Queryable } from '../../core/platform/database';
import { statement } from '../../core/platform/statement';
import { toTrackingNumber } from '../../core/text/identifiers';
import type { DemoNotice } from './generate-history';
import { samplePdf, samplePng } from './sample-files';
import type { DemoAttachment, DemoSource } from './subjects';

const TAKE_SERIALS = statement<{ serial: string }>(
  'take-demo-serials',
  `SELECT nextval('tracking_numbers') AS serial FROM generate_series(1, :count::int)`,
  { serial: 'int8' },
);

const INSERT_DEMO_NOTICES = statement(
  'insert-demo-notices',
  `INSERT INTO notices (id, source_id, reference, content_hash, tracking_number, employer_id, workshop_code,
                        subject, sms_text, kind, priority, accepted_at, registered_at, first_viewed_at)
   SELECT id, source_id, reference, content_hash, tracking_number, employer_id, workshop_code, subject, sms_text,
          kind, priority, at, at, first_viewed_at
     FROM unnest(:ids::uuid[], :sourceIds::int[], :references::text[], :contentHashes::bytea[],
                 :trackingNumbers::bigint[], :employerIds::bigint[], :workshopCodes::text[], :subjects::text[],
                 :smsTexts::text[], :kinds::text[], :priorities::text[], :acceptedAts::timestamptz[],
                 :viewedAts::timestamptz[])
       AS n(id, source_id, reference, content_hash, tracking_number, employer_id, workshop_code, subject, sms_text,
            kind, priority, at, first_viewed_at)`,
  {},
);

const INSERT_DEMO_ATTACHMENTS = statement(
  'insert-demo-attachments',
  `INSERT INTO attachments (id, notice_id, position, file_name, content_type, size, sha256)
   SELECT * FROM unnest(:ids::uuid[], :noticeIds::uuid[], :positions::smallint[], :fileNames::text[],
                        :contentTypes::text[], :sizes::int[], :digests::bytea[])`,
  {},
);

/** A notice with the values that rows of other tables need. */
export interface WrittenNotice extends DemoNotice {
  sourceId: number;
  sourceCode: DemoSource['code'];
  smsText: string;
}

/**
 * Writes notices with the instants of their history. Each is parsed by the rules of the intake, so sending the same notice
 * again is a duplicate like any other.
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
  const serials = await trx.query(TAKE_SERIALS, { count: notices.length });
  const numbers = serials.map(({ serial }) => toTrackingNumber(serial));
  const parsed = await Promise.all(notices.map((notice) => parseNotice(asSubmitted(notice))));
  const written = notices.map((notice, i): WrittenNotice => {
    const { source, smsText } = notice.subject;
    const text = composeSmsText(wording, smsText, notice.employer.name, numbers[i] as string);
    return { ...notice, sourceId: sourceIds.get(source) as number, sourceCode: source, smsText: text };
  });
  await trx.query(INSERT_DEMO_NOTICES, {
    ids: written.map(({ id }) => id),
    sourceIds: written.map(({ sourceId }) => sourceId),
    references: written.map(({ reference }) => reference),
    contentHashes: parsed.map(({ contentHash }) => contentHash),
    trackingNumbers: numbers,
    employerIds: written.map(({ employer }) => employerIds.get(employer.nationalId)),
    workshopCodes: written.map(({ workshopCode }) => workshopCode),
    subjects: written.map(({ subject }) => subject.subject),
    smsTexts: written.map(({ smsText }) => smsText),
    kinds: written.map(({ subject }) => subject.kind),
    priorities: written.map(({ subject }) => subject.priority),
    acceptedAts: written.map(({ acceptedAt }) => acceptedAt),
    viewedAts: written.map(({ viewedAt }) => viewedAt),
  });
  await writeAttachments(trx, notices, parsed, attachments);
  return written;
}

/** The bytes of the sample files, one for each type. */
const SAMPLE_CONTENT: Record<DemoAttachment['contentType'], string> = {
  'application/pdf': samplePdf().toString('base64'),
  'image/png': samplePng().toString('base64'),
};

/** Stores the files of notices as the intake would store them. */
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
  await trx.query(INSERT_DEMO_ATTACHMENTS, {
    ids: files.map(({ id }) => id),
    noticeIds: files.map(({ noticeId }) => noticeId),
    positions: files.map(({ position }) => position),
    fileNames: files.map(({ fileName }) => fileName),
    contentTypes: files.map(({ contentType }) => contentType),
    sizes: files.map(({ bytes }) => bytes.length),
    digests: files.map(({ sha256 }) => sha256),
  });
}

/** Makes the body of `POST /v1/notices` that the notice would have come in. */
function asSubmitted({ reference, employer, workshopCode, subject, attachments }: DemoNotice) {
  return {
    reference,
    recipient: { nationalId: employer.nationalId, workshopCode },
    subject: subject.subject,
    ...(subject.smsText && { smsText: subject.smsText }),
    kind: subject.kind,
    priority: subject.priority,
    attachments: attachments.map((file) => ({ ...file, content: SAMPLE_CONTENT[file.contentType] })),
  };
}
