import type { Queryable } from '../platform/database';
import { statement } from '../platform/statement';
import type { EmailContent } from './email-message';

const READ_EMAIL_CONTENTS = statement<EmailContent>(
  'read-email-contents',
  `SELECT a.id AS "alertId", n.id AS "noticeId", a.address AS "to", e.name AS "recipientName",
          n.tracking_number AS "trackingNumber", s.title AS "sourceTitle", n.registered_at AS "registeredAt"
     FROM alerts a JOIN notices n ON n.id = a.notice_id
     JOIN employers e ON e.id = n.employer_id JOIN source_systems s ON s.id = n.source_id
    WHERE a.id = ANY(:alertIds::bigint[])`,
  {
    alertId: 'int8',
    noticeId: 'uuid',
    to: 'text',
    recipientName: 'text',
    trackingNumber: 'int8',
    sourceTitle: 'text',
    registeredAt: 'timestamptz',
  },
);

/** Reads the contents of email alerts, by alert id; one statement for the whole set. */
export async function readEmailContents(
  db: Queryable,
  alertIds: string[],
): Promise<Map<string, EmailContent>> {
  const rows = await db.query(READ_EMAIL_CONTENTS, { alertIds });
  return new Map(rows.map((row) => [row.alertId, row]));
}
