import type { Queryable } from '../platform/database';

export interface InquirerAttachment {
  id: string;
  fileName: string;
  contentType: string;
  size: number;
  /** When its bytes were removed, because its time was over; null while they are here. */
  removedAt: Date | null;
}

/** All a government body sees of a notice. */
export interface InquirerNoticeView {
  id: string;
  trackingNumber: string;
  subject: string;
  smsText: string;
  sourceTitle: string;
  recipientName: string;
  nationalId: string;
  registeredAt: Date;
  /** The first instant at which the permit does not hold. */
  inquirableUntil: Date;
  attachments: InquirerAttachment[];
  /** Opens the attachments for ten minutes: to be put into their links. */
  pass: string;
}

/** The notice a permit is for, without the pass. */
export async function readInquirerNoticeView(
  db: Queryable,
  permitId: string,
): Promise<Omit<InquirerNoticeView, 'pass'>> {
  const [notice] = await db.query<Omit<InquirerNoticeView, 'pass' | 'attachments'> & Record<string, unknown>>(
    `SELECT n.id, n.tracking_number AS "trackingNumber", n.subject, n.sms_text AS "smsText",
            s.title AS "sourceTitle", e.name AS "recipientName", e.national_id AS "nationalId",
            n.registered_at AS "registeredAt", p.expires_at AS "inquirableUntil"
       FROM permits p JOIN notices n ON n.id = p.notice_id
       JOIN source_systems s ON s.id = n.source_id JOIN employers e ON e.id = n.employer_id
      WHERE p.id = $1`,
    [permitId],
  );
  if (!notice) throw new Error('a permit without its notice');
  const attachments = await db.query<InquirerAttachment & Record<string, unknown>>(
    `SELECT id, file_name AS "fileName", content_type AS "contentType", size, removed_at AS "removedAt"
       FROM attachments WHERE notice_id = $1 ORDER BY position`,
    [notice.id],
  );
  return { ...notice, attachments };
}
