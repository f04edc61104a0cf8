import type { Queryable } from '../platform/database';
import { sendQueue } from '../platform/queues';
import { currentTraceParent } from '../platform/tracing';
import { safeGreeting } from '../text/safe-greeting';

/** Hours it is tried for; later it would tell of something long past. */
const TTL_HOURS = 24;

/**
 * The words, without the name the body gave itself: what a stranger types does not go out in our name.
 * No link, as in every SMS.
 */
const TEXT_TEMPLATE =
  '{name}\nابلاغیه شماره {trackingNumber} شما با مجوزی که صادر کرده‌اید استعلام شد. برای آگاهی از استعلام‌کننده، خودتان نشانی رسمی سازمان را باز کنید.';

/**
 * Tells the owner of a permit by SMS, in the urgent lane, that it was used for the first time: to the mobile of
 * the register, else to that of the notice's own alert, else not at all.
 */
export async function queueOwnerSms(trx: Queryable, permitId: string, suffix: string): Promise<void> {
  const [owner] = await trx.query<{ name: string }>(
    'SELECT e.name FROM permits p JOIN employers e ON e.id = p.employer_id WHERE p.id = $1',
    [permitId],
  );
  await trx.query(
    `WITH owner AS (
       SELECT p.notice_id, p.source_id, replace(replace($2, '{trackingNumber}', n.tracking_number::text), '{name}', $5) AS text,
              coalesce(e.mobile, (SELECT a.address FROM alerts a WHERE a.notice_id = n.id AND a.channel = 'sms'
                                   AND a.text IS NULL AND a.address <> '' ORDER BY a.id LIMIT 1)) AS mobile
         FROM permits p JOIN notices n ON n.id = p.notice_id JOIN employers e ON e.id = p.employer_id
        WHERE p.id = $1),
     alert AS (
       INSERT INTO alerts (notice_id, source_id, channel, lane, address, text, expires_at)
       SELECT notice_id, source_id, 'sms', 'urgent', mobile, text, now() + make_interval(hours => $3)
         FROM owner WHERE mobile IS NOT NULL
       RETURNING id)
     INSERT INTO outbox (queue, subject_ids, run_at, relay_at, trace)
     SELECT $4, ARRAY[id], now(), now(), $6 FROM alert`,
    [
      permitId,
      suffix ? `${TEXT_TEMPLATE}\n${suffix}` : TEXT_TEMPLATE,
      TTL_HOURS,
      sendQueue('sms', 'urgent'),
      safeGreeting(owner?.name ?? ''),
      currentTraceParent(),
    ],
  );
}
