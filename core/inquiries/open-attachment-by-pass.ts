import type { Queryable } from '../platform/database';
import { isUuid } from '../text/uuid';
import type { OpenedAttachment } from '../views/views';
import type { createPasses } from './passes';

/** An attachment by a pass: null once the ten minutes are over, or the permit does not hold any more. */
export async function openAttachmentByPass(
  db: Queryable,
  passes: ReturnType<typeof createPasses>,
  pass: string,
  attachmentId: string,
): Promise<OpenedAttachment | null> {
  const inquiryId = passes.verify(pass);
  if (!inquiryId || !isUuid(attachmentId)) return null;
  const [opened] = await db.query<OpenedAttachment & Record<string, unknown>>(
    `SELECT f.notice_id AS "noticeId", f.file_name AS "fileName", f.content_type AS "contentType", f.size
       FROM inquiries i JOIN permits p ON p.id = i.permit_id JOIN attachments f ON f.notice_id = p.notice_id
      WHERE i.id = $1 AND f.id = $2 AND i.outcome = 'answered' AND i.at > now() - interval '10 minutes'
        AND f.removed_at IS NULL AND p.state = 'active' AND p.expires_at > now()`,
    [inquiryId, attachmentId],
  );
  return opened ?? null;
}
