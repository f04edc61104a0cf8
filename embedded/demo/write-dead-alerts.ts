import type { Queryable } from '../../core/platform/database';
import { statement } from '../../core/platform/statement';
import type { WrittenAlert } from './write-alerts';

const HOUR_MS = 3_600_000;

const INSERT_DEMO_DEAD_ALERTS = statement(
  'insert-demo-dead-alerts',
  `INSERT INTO dead_alerts (alert_id, at, channel, state, cause)
   SELECT * FROM unnest(:ids::bigint[], :ats::timestamptz[], :channels::text[], :states::text[], :causes::text[])`,
  {},
);

/**
 * Hours for which a dead alert waits for an operator, by its last state. Operators decide an alert in doubt within its first
 * hour, so that the watchdog reports none.
 */
const DEAD_LETTER_MAX_AGE_HOURS: Record<string, number> = { failed: 30 * 24, expired: 30 * 24, unknown: 1 };

/**
 * Leaves the alerts that died lately to the operators. The finding about them dates from the first of them, so the watchdog
 * does not report it as news.
 */
export async function writeDeadAlerts(trx: Queryable, alerts: WrittenAlert[], now: Date): Promise<void> {
  const dead = alerts
    .map((alert) => ({ ...alert, end: alert.events.at(-1) }))
    .filter(({ state, end }) => {
      const age = now.getTime() - (end?.at.getTime() ?? 0);
      return age <= (DEAD_LETTER_MAX_AGE_HOURS[state] ?? 0) * HOUR_MS;
    });
  await trx.query(INSERT_DEMO_DEAD_ALERTS, {
    ids: dead.map(({ id }) => id),
    ats: dead.map(({ end }) => end?.at),
    channels: dead.map(({ channel }) => channel),
    states: dead.map(({ state }) => state),
    causes: dead.map(({ end, attempts }) => end?.data.code ?? attempts.at(-1)?.result.code ?? 'none'),
  });
  await trx.query(
    `INSERT INTO findings (rule, subject, detail, since)
     SELECT 'dead-letters', 'alerts', count(*)::text, min(at) FROM dead_alerts HAVING count(*) > 0`,
  );
}
