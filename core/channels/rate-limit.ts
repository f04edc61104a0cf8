import type { Queryable } from '../platform/database';
import type { Lane } from '../platform/queues';

/** Normal and bulk messages together use this much of a line's rate; the rest is kept for urgent ones. */
const ORDINARY_SHARE = 0.8;

/**
 * Messages that may go now, in SQL. The rate is kept by the generic cell rate algorithm (GCRA): every message
 * keeps the line busy for its share of a second, and a line may be at most one second ahead of the clock. So
 * no window of time ever holds more than its length times the rate and one second's worth.
 *
 * @param until up to when the line is busy
 * @param rate messages a second
 */
const capacitySql = (until: string, rate: string): string =>
  `floor(greatest(1, ${rate}) - ${rate} * greatest(0, date_part('epoch', ${until} - now())) + 0.000001)`;

const ORDINARY_RATE_SQL = `(${ORDINARY_SHARE} * per_second)`;
/** SQL on a row of `lines` with a rate: how many urgent messages may go now. */
export const URGENT_CAPACITY_SQL = capacitySql('busy_until', 'per_second');
/** The same for the others. */
export const ORDINARY_CAPACITY_SQL = `least(${URGENT_CAPACITY_SQL}, ${capacitySql('ordinary_busy_until', ORDINARY_RATE_SQL)})`;
/** SQL: fewer ordinary messages than this are not worth a call, while so many come in a quarter of a second. */
export const MIN_ORDINARY_CALL_SQL = `greatest(1, floor(${ORDINARY_RATE_SQL} / 4))`;

/**
 * How fast a line may be used, by all processes together. It is kept in PostgreSQL, in the line's row, because
 * without PostgreSQL nothing can be claimed and so nothing is sent: there is no case in which a process would
 * have to guess. A line without a rate costs nothing here, as nobody asks.
 */
export function createRateLimit(db: Queryable) {
  return {
    /** Takes room for up to `wanted` messages. Returns for how many there was some; none is given back. */
    async acquire(line: string, lane: Lane, wanted: number): Promise<number> {
      const ordinary = lane !== 'urgent';
      const rows = await db.query<{ granted: number }>(
        `WITH line AS (
           SELECT name, least($2, ${ordinary ? ORDINARY_CAPACITY_SQL : URGENT_CAPACITY_SQL})::int AS granted
             FROM lines WHERE name = $1 AND per_second IS NOT NULL FOR UPDATE)
         UPDATE lines SET busy_until = ${advancedSql('busy_until', 'per_second')}
                ${ordinary ? `, ordinary_busy_until = ${advancedSql('ordinary_busy_until', ORDINARY_RATE_SQL)}` : ''}
           FROM line WHERE lines.name = line.name AND granted > 0 RETURNING granted`,
        [line, wanted],
      );
      return rows[0]?.granted ?? 0;
    },
  };
}

const advancedSql = (until: string, rate: string): string =>
  `greatest(${until}, now()) + make_interval(secs => granted::float8 / ${rate})`;
