import type { Queryable } from '../../platform/database';
import type { OutboxQueue, QueueName } from '../../platform/queues';
import { statement } from '../../platform/statement';

/** The measurements, by the names they are stored under. Ages are as of the moment they were measured. */
export interface Measurements {
  /** Queues with due work; absent queues have none. */
  outbox: { queue: OutboxQueue; due: number; oldestSeconds: number }[];
  /** The number of jobs BullMQ holds; null while it is away. */
  jobs: Record<QueueName, number> | null;
  /** Null when BullMQ works on PostgreSQL; `usedBytes` is the last known value while it is away. */
  redis: { away: boolean; usedBytes: number; maxBytes: number | null } | null;
  postgres: { connections: number; maxConnections: number };
  /** `overdue`: expired more than five minutes ago and not closed yet. */
  permits: { endingWithinDay: number; overdue: number };
  /** Events of the last hour, of the types rare enough to be counted from `events`. */
  events: { type: string; count: number }[];
  /** The oldest alert whose outcome is unknown; null when there is none. */
  unknown: { oldestSeconds: number | null };
  deadLetters: { count: number };
  /** Rial by line; null where the provider could not be asked. */
  credit: Record<string, number | null>;
}

export type PartialMeasurements = { [Name in keyof Measurements]?: Measurements[Name] };

interface MeasurementRow {
  at: Date;
  /** Null in the only row there is before the first measurement, as are `data` and `ageSeconds`. */
  name: keyof Measurements | null;
  data: unknown;
  ageSeconds: number | null;
}

const READ_MEASUREMENTS = statement<MeasurementRow>(
  'read-measurements',
  `SELECT now() AS at, name, data, extract(epoch FROM now() - m.at)::float8 AS "ageSeconds"
     FROM (VALUES (1)) one LEFT JOIN measurements m ON true`,
  { at: 'timestamptz', name: 'text?', data: 'json?', ageSeconds: 'float8?' },
);

/** Keeps the latest of each measurement, taken by one process for all. */
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
     * Reads the measurements taken so far.
     *
     * @returns also the time on PostgreSQL's clock, and the age of the last round in seconds; null before the first
     */
    async read(): Promise<{ at: Date; measured: PartialMeasurements; ageSeconds: number | null }> {
      const rows = await db.query(READ_MEASUREMENTS);
      const measured: PartialMeasurements = Object.fromEntries(
        rows.filter(({ name }) => name !== null).map(({ name, data }) => [name, data]),
      );
      const [{ at } = { at: new Date() }] = rows;
      return { at, measured, ageSeconds: rows.find(({ name }) => name === 'outbox')?.ageSeconds ?? null };
    },
  };
}
