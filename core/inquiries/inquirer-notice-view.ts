import { type NoticeAttachment, readAttachments } from '../notices/attachments';
import type { Queryable } from '../platform/database';
import { statement } from '../platform/statement';

/** A notice as a government body sees it. */
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
  attachments: NoticeAttachment[];
  /** A signed token for the attachment links. It opens the attachments for ten minutes. */
  pass: string;
}

type NoticeRow = Omit<InquirerNoticeView, 'pass' | 'attachments'>;

/** Reads the notice of a permit, without the pass. */
export async function readInquirerNoticeView(
  db: Queryable,
  permitId: string,
): Promise<Omit<InquirerNoticeView, 'pass'>> {
  const [notice] = await db.query(READ_NOTICE_OF_PERMIT, { permitId });
  if (!notice) throw new Error('The notice of a permit is missing.');
  return { ...notice, attachments: await readAttachments(db, notice.id) };
}

const READ_NOTICE_OF_PERMIT = statement<NoticeRow>(
  'read-notice-of-permit',
  `SELECT n.id, n.tracking_number AS "trackingNumber", n.subject, n.sms_text AS "smsText",
          s.title AS "sourceTitle", e.name AS "recipientName", e.national_id AS "nationalId",
          n.registered_at AS "registeredAt", p.expires_at AS "inquirableUntil"
     FROM permits p JOIN notices n ON n.id = p.notice_id
     JOIN source_systems s ON s.id = n.source_id JOIN employers e ON e.id = n.employer_id
    WHERE p.id = :permitId`,
  {
    id: 'uuid',
    trackingNumber: 'int8',
    subject: 'text',
    smsText: 'text',
    sourceTitle: 'text',
    recipientName: 'text',
    nationalId: 'text',
    registeredAt: 'timestamptz',
    inquirableUntil: 'timestamptz',
  },
);
