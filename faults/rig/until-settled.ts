import type { Database } from '../../core/platform/database';
import { SEND_QUEUES } from '../../core/platform/queues';
import { becomesTrue } from './until';

/** Longer than the lease of work that was lost on the way, after which it is done again. */
const SETTLE_TIMEOUT_MS = 180_000;
/** The same where what was lost is made due at once, and so long at most until it is. */
const SHORT_SETTLE_TIMEOUT_MS = 40_000;
const IN_FLIGHT_TIMEOUT_MS = 8_000;

interface Unsettled {
  /** Alerts that are neither handed over nor given up. */
  alerts: number;
  /** Of those, the ones for which no work is left: nobody would ever look at them again. */
  forgotten: number;
  /** Views, permits, login codes and reports of our messages that wait to be dealt with. */
  work: number;
}

/**
 * Waits until everything is final or handed over. What is not after all patience must be on its way.
 *
 * @param short makes what was lost with its worker due after a moment, which otherwise takes two minutes
 * @returns what is still on its way, and what is not even that
 */
export async function untilSettled(db: Database, short: boolean): Promise<Unsettled> {
  const isSettled = async () => {
    const left = await countUnsettled(db);
    return left.alerts + left.forgotten + left.work === 0;
  };
  const isSettledAtOnce = await becomesTrue('what is in hand is settled', isSettled, IN_FLIGHT_TIMEOUT_MS);
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

/** As if two minutes had gone by: claims nobody settled are stale, and what was published is due again. */
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

/** What is not through yet. */
export async function countUnsettled(db: Database): Promise<Unsettled> {
  const [left] = await db.query<Unsettled & Record<string, unknown>>(
    `WITH open AS (
       SELECT a.id FROM alerts a LEFT JOIN attempts t ON t.alert_id = a.id AND t.id = a.attempt_id
        WHERE a.state IN ('queued', 'sending')
           OR (a.state = 'unknown' AND a.channel = 'sms' AND t.outcome IS DISTINCT FROM 'accepted')),
     working AS (SELECT DISTINCT unnest(subject_ids) AS id FROM outbox WHERE queue = ANY($1))
     SELECT (SELECT count(*) FROM open)::int AS alerts,
            (SELECT count(*) FROM open WHERE id NOT IN (SELECT id FROM working))::int AS forgotten,
            (SELECT count(*) FROM outbox o
              WHERE o.run_at < now() - interval '1 second'
                AND (o.queue IN ('views', 'permits', 'login-codes')
                 OR (o.queue = 'sms-callbacks' AND EXISTS (
                   SELECT FROM sms_callbacks c JOIN attempts t ON t.provider_message_id = c.provider_message_id
                    WHERE c.id = o.subject_ids[1]))))::int AS work`,
    [ALERT_QUEUES],
  );
  return left as Unsettled;
}
