import type { Queryable } from '../../core/platform/database';
import type { WrittenAlert } from './write-alerts';

const HOUR_MS = 3_600_000;

/**
 * How alerts end badly, and for how many hours they wait for somebody to deal with them. What is of unknown fate is
 * decided in its first hour, so that the watchdog has nothing to say of it.
 */
const DEAD_LETTER_MAX_AGE_HOURS: Record<string, number> = { failed: 30 * 24, expired: 30 * 24, unknown: 1 };

/**
 * Leaves the alerts that ended badly of late for the operators to deal with. That they wait has been known since the
 * first of them, so the watchdog does not tell of it as news.
 */
export async function writeDeadAlerts(trx: Queryable, alerts: WrittenAlert[], now: Date): Promise<void> {
  const dead = alerts
    .map((alert) => ({ ...alert, end: alert.events.at(-1) }))
    .filter(({ state, end }) => {
      const age = now.getTime() - (end?.at.getTime() ?? 0);
      return age <= (DEAD_LETTER_MAX_AGE_HOURS[state] ?? 0) * HOUR_MS;
    });
  await trx.query(
    `INSERT INTO dead_alerts (alert_id, at, channel, state, cause)
     SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::text[])`,
    [
      dead.map(({ id }) => id),
      dead.map(({ end }) => end?.at),
      dead.map(({ channel }) => channel),
      dead.map(({ state }) => state),
      dead.map(({ end, attempts }) => end?.data.code ?? attempts.at(-1)?.result.code ?? 'none'),
    ],
  );
  await trx.query(
    `INSERT INTO findings (rule, subject, detail, since)
     SELECT 'dead-letters', 'alerts', count(*)::text, min(at) FROM dead_alerts HAVING count(*) > 0`,
  );
}
