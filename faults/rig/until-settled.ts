import type { Database } from '../../core/platform/database';
import { SEND_QUEUES } from '../../core/platform/queues';
import { statement } from '../../core/platform/statement';
import { becomesTrue } from './until';

/** Longer than the lease of lost work, after which the work is done again. */
const SETTLE_TIMEOUT_MS = 180_000;
/** The same for a short run, where lost work is made due at once. */
const SHORT_SETTLE_TIMEOUT_MS = 40_000;
const IN_FLIGHT_TIMEOUT_MS = 8_000;

interface Unsettled {
  /** Alerts that are neither sent nor given up. */
  alerts: number;
  /** Such alerts without any work in the outbox: no process would ever work on them again. */
  orphaned: number;
  /** Views, permits, login codes and reports of our messages that wait to be worked on. */
  work: number;
}

/**
 * Waits until every alert is final or sent. Alerts that are not when the wait ends must still have work in the outbox.
 *
 * @param short makes work that was lost with its worker due after a moment; it would take two minutes otherwise
 * @returns the alerts and the work that are left
 */
export async function untilSettled(db: Database, short: boolean): Promise<Unsettled> {
  const isSettled = async () => {
    const left = await countUnsettled(db);
    return left.alerts + left.orphaned + left.work === 0;
  };
  const isSettledAtOnce = await becomesTrue('running work is settled', isSettled, IN_FLIGHT_TIMEOUT_MS);
  if (!isSettledAtOnce) {
    if (short) await ageClaimsAndWork(db);
    await becomesTrue(
      'everything is settled',
      isSettled,
      short ? SHORT_SETTLE_TIMEOUT_MS : SETTLE_TIMEOUT_MS,
    );
  }
  return countUnsettled(db);
}

/** Ages the database by two minutes: claims of dead workers become stale, and published work becomes due again. */
async function ageClaimsAndWork(db: Database): Promise<void> {
  await db.query(`UPDATE login_codes SET requested_at = requested_at - interval '2 minutes'`);
  await db.query(`UPDATE alerts SET claimed_at = claimed_at - interval '2 minutes' WHERE state = 'sending'`);
  await db.query(
    `UPDATE outbox SET run_at = least(run_at, now()), relay_at = least(relay_at, now())
      WHERE queue LIKE 'sms-%' OR queue LIKE 'email-%' OR run_at <= now()`,
  );
}

/** The queues whose work is about alerts. */
const ALERT_QUEUES = [...SEND_QUEUES, 'sms-receipts'];

const COUNT_UNSETTLED = statement<Unsettled>(
  'faults-count-unsettled',
  `WITH open AS (
     SELECT a.id FROM alerts a LEFT JOIN attempts t ON t.alert_id = a.id AND t.id = a.attempt_id
      WHERE a.state IN ('queued', 'sending')
         OR (a.state = 'unknown' AND a.channel = 'sms' AND t.outcome IS DISTINCT FROM 'accepted')),
   working AS (SELECT DISTINCT unnest(subject_ids) AS id FROM outbox WHERE queue = ANY(:queues))
   SELECT (SELECT count(*) FROM open)::int AS alerts,
          (SELECT count(*) FROM open WHERE id NOT IN (SELECT id FROM working))::int AS orphaned,
          (SELECT count(*) FROM outbox o
            WHERE o.run_at < now() - interval '1 second'
              AND (o.queue IN ('views', 'permits', 'login-codes')
               OR (o.queue = 'sms-callbacks' AND EXISTS (
                 SELECT FROM sms_callbacks c JOIN attempts t ON t.provider_message_id = c.provider_message_id
                  WHERE c.id = o.subject_ids[1]))))::int AS work`,
  { alerts: 'int4', orphaned: 'int4', work: 'int4' },
);

/** Counts the alerts and the work that are left. */
export async function countUnsettled(db: Database): Promise<Unsettled> {
  const [left] = await db.query(COUNT_UNSETTLED, { queues: ALERT_QUEUES });
  return left as Unsettled;
}
