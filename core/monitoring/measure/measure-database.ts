import type { Queryable } from '../../platform/database';
import { createOutbox } from '../../platform/outbox';
import type { Measurements } from './measurements';

type DatabaseMeasurements = Pick<
  Measurements,
  'outbox' | 'postgres' | 'permits' | 'events' | 'unknown' | 'deadLetters'
>;

/** Longer ago than any alert can be in doubt; one that still is waits for a person, among the dead letters. */
const MAX_DOUBT_AGE = '3 days';

/** Measures what PostgreSQL knows, one statement after the other: it must not crowd out the work itself. */
export async function measureDatabase(db: Queryable): Promise<DatabaseMeasurements> {
  const outbox = await createOutbox(db).lag();
  // Not from pg_stat_activity: what other roles do is shown there to few.
  const [postgres] = await db.query<Measurements['postgres']>(
    `SELECT sum(numbackends)::int AS connections, current_setting('max_connections')::int AS "maxConnections"
       FROM pg_stat_database`,
  );
  const [permits] = await db.query<Measurements['permits']>(
    `SELECT count(*) FILTER (WHERE expires_at > now())::int AS "endingWithinDay",
            count(*) FILTER (WHERE expires_at <= now() - interval '5 minutes')::int AS overdue
       FROM permits WHERE state = 'active' AND expires_at <= now() + interval '1 day'`,
  );
  const [dead] = await db.query<{ count: number; oldestUnknown: number | null }>(
    `SELECT count(*)::int AS count,
            extract(epoch FROM now() - min(at) FILTER (WHERE state = 'unknown'))::float8 AS "oldestUnknown"
       FROM dead_alerts`,
  );
  return {
    outbox,
    postgres: postgres as Measurements['postgres'],
    permits: permits as Measurements['permits'],
    events: await rareEvents(db),
    unknown: { oldestSeconds: older(await oldestInDoubt(db), dead?.oldestUnknown ?? null) },
    deadLetters: { count: dead?.count ?? 0 },
  };
}

/** The condition is that of the index `events_rare`, to the letter: no other index serves it. */
const rareEvents = (db: Queryable) =>
  db.query<{ type: string; count: number }>(
    `SELECT type, count(*)::int AS count FROM events
      WHERE at > now() - interval '1 hour'
        AND type NOT IN ('notice.accepted', 'alert.sent', 'alert.delivered', 'alert.failed', 'alert.unknown')
      GROUP BY type`,
  );

/** Of alerts the provider is still being asked about. Later attempts may have settled what this one left open. */
async function oldestInDoubt(db: Queryable): Promise<number | null> {
  const [row] = await db.query<{ seconds: number }>(
    `SELECT extract(epoch FROM now() - t.at)::float8 AS seconds
       FROM attempts t JOIN alerts a ON a.id = t.alert_id AND a.attempt_id = t.id
      WHERE t.outcome = 'unknown' AND t.at > now() - $1::interval AND a.state IN ('unknown', 'sending')
      ORDER BY t.at LIMIT 1`,
    [MAX_DOUBT_AGE],
  );
  return row?.seconds ?? null;
}

const older = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.max(one, other);
