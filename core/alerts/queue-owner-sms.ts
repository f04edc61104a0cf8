import type { Queryable } from '../platform/database';
import { enqueueSql } from '../platform/outbox';
import { sendQueue } from '../platform/queues';
import { statement } from '../platform/statement';
import { currentTraceParent } from '../platform/tracing';
import { safeGreeting } from '../text/safe-greeting';
import { insertAlertsSql } from './insert-alerts-sql';

/** Hours the SMS is tried for; later it would report an inquiry long past. */
const TTL_HOURS = 24;

/**
 * The text names the inquiry, and not the name the inquirer gave: words that a stranger types do not go out in our name.
 * It holds no link, as no SMS does.
 */
const TEXT_TEMPLATE =
  '{name}\nابلاغیه شماره {trackingNumber} شما با مجوزی که صادر کرده‌اید استعلام شد. برای آگاهی از استعلام‌کننده، خودتان نشانی رسمی سازمان را باز کنید.';

const READ_OWNER_NAME = statement<{ name: string }>(
  'read-owner-name',
  'SELECT e.name FROM permits p JOIN employers e ON e.id = p.employer_id WHERE p.id = :permitId',
  { name: 'text' },
);

const QUEUE_OWNER_SMS = statement(
  'queue-owner-sms',
  `WITH owner AS (
     SELECT p.notice_id, p.source_id,
            replace(replace(:template::text, '{trackingNumber}', n.tracking_number::text), '{name}', :greeting::text) AS text,
            coalesce(e.mobile, (SELECT a.address FROM alerts a WHERE a.notice_id = n.id AND a.channel = 'sms'
                                 AND a.text IS NULL AND a.address <> '' ORDER BY a.id LIMIT 1)) AS mobile
       FROM permits p JOIN notices n ON n.id = p.notice_id JOIN employers e ON e.id = p.employer_id
      WHERE p.id = :permitId),
   alert AS (
     ${insertAlertsSql({
       noticeId: 'notice_id',
       sourceId: 'source_id',
       channel: `'sms'`,
       lane: `'urgent'`,
       address: 'mobile',
       text: 'text',
       ttlHours: ':ttlHours::int',
       from: 'owner WHERE mobile IS NOT NULL',
     })})
   ${enqueueSql({ queue: ':queue::text', subjectIds: 'ARRAY[id]', from: 'alert' })}`,
  {},
);

/**
 * Queues an urgent SMS to the owner of a permit: it was used for the first time. The SMS goes to the mobile of the register, else
 * to the mobile of the notice's own alert; without either there is none.
 */
export async function queueOwnerSms(trx: Queryable, permitId: string, suffix: string): Promise<void> {
  const [owner] = await trx.query(READ_OWNER_NAME, { permitId });
  await trx.query(QUEUE_OWNER_SMS, {
    permitId,
    template: suffix ? `${TEXT_TEMPLATE}\n${suffix}` : TEXT_TEMPLATE,
    greeting: safeGreeting(owner?.name ?? ''),
    ttlHours: TTL_HOURS,
    queue: sendQueue('sms', 'urgent'),
    trace: currentTraceParent(),
  });
}
