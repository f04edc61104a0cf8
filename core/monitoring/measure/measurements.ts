import type { Queryable } from '../../platform/database';
import type { OutboxQueue, QueueName } from '../../platform/queues';

/** What is measured, each under the name it is kept by. Ages are of the moment they were measured. */
export interface Measurements {
  /** Queues with work that is due; the others have none. */
  outbox: { queue: OutboxQueue; due: number; oldestSeconds: number }[];
  /** What BullMQ holds; null while it is away. */
  jobs: Record<QueueName, number> | null;
  /** Null when BullMQ works on PostgreSQL; `usedBytes` is what was seen last while it is away. */
  redis: { away: boolean; usedBytes: number; maxBytes: number | null } | null;
  postgres: { connections: number; maxConnections: number };
  /** Overdue: over for five minutes, and nobody has tidied them up. */
  permits: { endingWithinDay: number; overdue: number };
  /** Events of the last hour of the types that are rare enough to be counted one by one. */
  events: { type: string; count: number }[];
  /** The oldest alert of which nobody knows whether it was sent; null of none. */
  unknown: { oldestSeconds: number | null };
  deadLetters: { count: number };
  /** Rial by line; null where nobody could ask. */
  credit: Record<string, number | null>;
}

export type PartialMeasurements = { [Name in keyof Measurements]?: Measurements[Name] };

/** The latest of each measurement, taken by one process for all. */
export function createMeasurements(db: Queryable) {
  return {
    async store(measured: PartialMeasurements): Promise<void> {
      const entries = Object.entries(measured);
      await db.query(
        `INSERT INTO measurements (name, data) SELECT * FROM unnest($1::text[], $2::json[])
         ON CONFLICT (name) DO UPDATE SET at = now(), data = EXCLUDED.data`,
        [entries.map(([name]) => name), entries.map(([, data]) => JSON.stringify(data))],
      );
    },

    /**
     * What has been measured by now.
     *
     * @returns also the time on PostgreSQL's clock, and how long ago the last round was; null before the first
     */
    async read(): Promise<{ at: Date; measured: PartialMeasurements; ageSeconds: number | null }> {
      const rows = await db.query<MeasuredRow>(
        `SELECT now() AS at, name, data, extract(epoch FROM now() - m.at)::float8 AS "ageSeconds"
           FROM (VALUES (1)) one LEFT JOIN measurements m ON true`,
      );
      const measured: PartialMeasurements = {};
      for (const { name, data } of rows) if (name !== null) measured[name] = data;
      const { at } = rows[0] as MeasuredRow;
      return { at, measured, ageSeconds: rows.find(({ name }) => name === 'outbox')?.ageSeconds ?? null };
    },
  };
}

interface MeasuredRow {
  at: Date;
  /** Null of the one row there is before the first measurement. */
  name: keyof Measurements | null;
  data: never;
  ageSeconds: number;
}
