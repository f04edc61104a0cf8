import type { Queryable } from '../../platform/database';
import { createOutbox } from '../../platform/outbox';
import { statement } from '../../platform/statement';
import type { Measurements } from './measurements';

type DatabaseMeasurements = Pick<
  Measurements,
  'outbox' | 'postgres' | 'permits' | 'events' | 'unknown' | 'deadLetters'
>;

/** Longer than workers keep an alert in doubt; an older one waits for a person, among the dead letters. */
const MAX_DOUBT_AGE = '3 days';

/** Counts from `pg_stat_database`, because few roles may see the connections of others in `pg_stat_activity`. */
const MEASURE_CONNECTIONS = statement<Measurements['postgres']>(
  'measure-connections',
  `SELECT sum(numbackends)::int AS connections, current_setting('max_connections')::int AS "maxConnections"
     FROM pg_stat_database`,
  { connections: 'int4', maxConnections: 'int4' },
);

const MEASURE_PERMITS = statement<Measurements['permits']>(
  'measure-permits',
  `SELECT count(*) FILTER (WHERE expires_at > now())::int AS "endingWithinDay",
          count(*) FILTER (WHERE expires_at <= now() - interval '5 minutes')::int AS overdue
     FROM permits WHERE state = 'active' AND expires_at <= now() + interval '1 day'`,
  { endingWithinDay: 'int4', overdue: 'int4' },
);

const MEASURE_DEAD_ALERTS = statement<{ count: number; oldestUnknownSeconds: number | null }>(
  'measure-dead-alerts',
  `SELECT count(*)::int AS count,
          extract(epoch FROM now() - min(at) FILTER (WHERE state = 'unknown'))::float8 AS "oldestUnknownSeconds"
     FROM dead_alerts`,
  { count: 'int4', oldestUnknownSeconds: 'float8?' },
);

/** Repeats the condition of the index `events_rare` to the letter: no other index serves it. */
const COUNT_RARE_EVENTS = statement<Measurements['events'][number]>(
  'count-rare-events',
  `SELECT type, count(*)::int AS count FROM events
    WHERE at > now() - interval '1 hour'
      AND type NOT IN ('notice.accepted', 'alert.sent', 'alert.delivered', 'alert.failed', 'alert.unknown')
    GROUP BY type`,
  { type: 'text', count: 'int4' },
);

/** Reads alerts in doubt only: a later attempt may have settled an alert that an earlier one left unknown. */
const FIND_OLDEST_IN_DOUBT = statement<{ seconds: number }>(
  'find-oldest-in-doubt',
  `SELECT extract(epoch FROM now() - t.at)::float8 AS seconds
     FROM attempts t JOIN alerts a ON a.id = t.alert_id AND a.attempt_id = t.id
    WHERE t.outcome = 'unknown' AND t.at > now() - :maxAge::interval AND a.state IN ('unknown', 'sending')
    ORDER BY t.at LIMIT 1`,
  { seconds: 'float8' },
);

/** Measures the database, one statement after the other: measuring must not crowd out the work itself. */
export async function measureDatabase(db: Queryable): Promise<DatabaseMeasurements> {
  const outbox = await createOutbox(db).lag();
  const [postgres = { connections: 0, maxConnections: 0 }] = await db.query(MEASURE_CONNECTIONS);
  const [permits = { endingWithinDay: 0, overdue: 0 }] = await db.query(MEASURE_PERMITS);
  const [dead = { count: 0, oldestUnknownSeconds: null }] = await db.query(MEASURE_DEAD_ALERTS);
  const events = await db.query(COUNT_RARE_EVENTS);
  const [inDoubt] = await db.query(FIND_OLDEST_IN_DOUBT, { maxAge: MAX_DOUBT_AGE });
  return {
    outbox,
    postgres,
    permits,
    events,
    unknown: { oldestSeconds: maxOf(inDoubt?.seconds ?? null, dead.oldestUnknownSeconds) },
    deadLetters: { count: dead.count },
  };
}

const maxOf = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b);
