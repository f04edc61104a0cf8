import type { Queryable } from '../platform/database';
import { statement } from '../platform/statement';
import { isUuid } from '../text/uuid';
import type { OpenedAttachment } from '../views/views';
import type { createPasses } from './passes';

/** Finds the attachment that a pass opens; null when ten minutes have passed since the inquiry, or the permit no longer holds. */
export async function openAttachmentByPass(
  db: Queryable,
  passes: ReturnType<typeof createPasses>,
  pass: string,
  attachmentId: string,
): Promise<OpenedAttachment | null> {
  const inquiryId = passes.verify(pass);
  if (!inquiryId || !isUuid(attachmentId)) return null;
  const [opened] = await db.query(FIND_INQUIRED_ATTACHMENT, { inquiryId, attachmentId });
  return opened ?? null;
}

const FIND_INQUIRED_ATTACHMENT = statement<OpenedAttachment>(
  'find-inquired-attachment',
  `SELECT f.notice_id AS "noticeId", f.file_name AS "fileName", f.content_type AS "contentType", f.size
     FROM inquiries i JOIN permits p ON p.id = i.permit_id JOIN attachments f ON f.notice_id = p.notice_id
    WHERE i.id = :inquiryId AND f.id = :attachmentId AND i.outcome = 'answered'
      AND i.at > now() - interval '10 minutes'
      AND f.removed_at IS NULL AND p.state = 'active' AND p.expires_at > now()`,
  { noticeId: 'uuid', fileName: 'text', contentType: 'text', size: 'int4' },
);
