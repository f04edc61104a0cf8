import type { Queryable } from '../platform/database';
import type { Lane } from '../platform/queues';
import { statement } from '../platform/statement';

/** The share of a line's rate for normal and bulk messages together; the rest is kept for urgent ones. */
const ORDINARY_SHARE = 0.8;

/**
 * Gives SQL: the number of messages that may go now, by the generic cell rate algorithm (GCRA). Every message keeps the line
 * busy for its share of a second, and a line may be at most one second ahead of the clock. So no window of time ever holds more
 * than its length times the rate and one second's worth.
 *
 * @param until SQL of the instant up to which the line is busy
 * @param rate SQL of the rate, in messages a second
 */
const capacitySql = (until: string, rate: string): string =>
  `floor(greatest(1, ${rate}) - ${rate} * greatest(0, date_part('epoch', ${until} - now())) + 0.000001)`;

const ORDINARY_RATE_SQL = `(${ORDINARY_SHARE} * per_second)`;
/** SQL on a row of `lines` with a rate: the number of urgent messages that may go now. */
export const URGENT_CAPACITY_SQL = capacitySql('busy_until', 'per_second');
/** SQL on a row of `lines` with a rate: the number of normal and bulk messages that may go now. */
export const ORDINARY_CAPACITY_SQL = `least(${URGENT_CAPACITY_SQL}, ${capacitySql('ordinary_busy_until', ORDINARY_RATE_SQL)})`;
/** SQL: the number of ordinary messages that are worth a call; so many come within a quarter of a second. */
export const MIN_ORDINARY_CALL_SQL = `greatest(1, floor(${ORDINARY_RATE_SQL} / 4))`;

const advancedSql = (until: string, rate: string): string =>
  `greatest(${until}, now()) + make_interval(secs => granted::float8 / ${rate})`;

/** Gives SQL that acquires capacity; `alsoAdvance` is a further assignment. */
const acquireSql = (capacity: string, alsoAdvance = '') => `
  WITH line AS (
    SELECT name, least(:wanted, ${capacity})::int AS granted
      FROM lines WHERE name = :line AND per_second IS NOT NULL FOR UPDATE)
  UPDATE lines SET busy_until = ${advancedSql('busy_until', 'per_second')} ${alsoAdvance}
    FROM line WHERE lines.name = line.name AND granted > 0 RETURNING granted`;

const ACQUIRE_URGENT = statement<{ granted: number }>('acquire-urgent', acquireSql(URGENT_CAPACITY_SQL), {
  granted: 'int4',
});
const ACQUIRE_ORDINARY = statement<{ granted: number }>(
  'acquire-ordinary',
  acquireSql(
    ORDINARY_CAPACITY_SQL,
    `, ordinary_busy_until = ${advancedSql('ordinary_busy_until', ORDINARY_RATE_SQL)}`,
  ),
  { granted: 'int4' },
);

/**
 * The rate limit of a line, for all processes together. PostgreSQL keeps it in the line's row, because without PostgreSQL
 * nothing can be claimed and so nothing is sent: no process ever has to guess. A line without a rate costs nothing here, as no
 * sender asks.
 */
export function createRateLimit(db: Queryable) {
  return {
    /** Acquires capacity for up to `wanted` messages. Returns for how many there was some; none can be given back. */
    async acquire(line: string, lane: Lane, wanted: number): Promise<number> {
      const rows = await db.query(lane === 'urgent' ? ACQUIRE_URGENT : ACQUIRE_ORDINARY, { line, wanted });
      return rows[0]?.granted ?? 0;
    },
  };
}
