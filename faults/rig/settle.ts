import type { Database } from '../../core/platform/database';
import { comesTrue } from './until';

/** Longer than the lease of work that was lost on the way, after which it is done again. */
export const PATIENCE_MS = 150_000;

interface Left {
  /** Alerts that are neither handed over nor given up. */
  alerts: number;
  /** Of those, the ones for which no work is left: nobody would ever look at them again. */
  forgotten: number;
  /** Views, permits and reports that wait to be dealt with. */
  work: number;
}

/**
 * Waits until everything is final or handed over, so long at most. What is left then must be on its way.
 *
 * @returns what is still on its way, and what is not even that
 */
export async function untilSettled(db: Database, patience = PATIENCE_MS): Promise<Left> {
  const isSettled = async () => {
    const left = await whatIsLeft(db);
    return left.alerts + left.forgotten + left.work === 0;
  };
  await comesTrue('everything is settled', isSettled, patience);
  return whatIsLeft(db);
}

async function whatIsLeft(db: Database): Promise<Left> {
  const [left] = await db.query<Left & Record<string, unknown>>(
    `WITH open AS (
       SELECT a.id FROM alerts a LEFT JOIN attempts t ON t.alert_id = a.id AND t.id = a.attempt_id
        WHERE a.state IN ('queued', 'sending')
           OR (a.state = 'unknown' AND a.channel = 'sms' AND t.outcome IS DISTINCT FROM 'accepted')),
     working AS (SELECT DISTINCT unnest(subject_ids) AS id FROM outbox WHERE queue LIKE 'sms-%' OR queue LIKE 'email-%')
     SELECT (SELECT count(*) FROM open)::int AS alerts,
            (SELECT count(*) FROM open WHERE id NOT IN (SELECT id FROM working))::int AS forgotten,
            (SELECT count(*) FROM outbox WHERE queue IN ('views', 'permits', 'sms-callbacks')
                AND run_at < now() - interval '1 second')::int AS work`,
  );
  return left as Left;
}
