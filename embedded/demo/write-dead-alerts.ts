import type { Queryable } from '../../core/platform/database';
import type { WrittenAlert } from './write-alerts';

/** What is older than this somebody has dealt with. */
const LEFT_FOR_DAYS = 30;

const ENDED_BADLY = new Set(['failed', 'unknown', 'expired']);

/** Leaves the alerts that ended badly of late for the operators to deal with. */
export async function writeDeadAlerts(trx: Queryable, alerts: WrittenAlert[], now: Date): Promise<void> {
  const since = new Date(now.getTime() - LEFT_FOR_DAYS * 86_400_000);
  const dead = alerts
    .filter(({ state }) => ENDED_BADLY.has(state))
    .map((alert) => ({ ...alert, end: alert.events.at(-1) }))
    .filter(({ end }) => end && end.at >= since);
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
}
