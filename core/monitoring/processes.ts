import type { Queryable } from '../platform/database';

export interface Heartbeat {
  id: string;
  kind: 'api' | 'workers';
  host: string;
  pid: number;
  /** What else is worth knowing, such as its version. */
  data: Record<string, string | number>;
}

export interface KnownProcess extends Omit<Heartbeat, 'data'> {
  startedAt: Date;
  beatAt: Date;
  /** Whether it gave a sign of life in the last 30 seconds. */
  alive: boolean;
}

const ALIVE_WITHIN = '30 seconds';
const RETENTION = '1 day';

/** The processes of the system, by the signs of life they give. One that stops in order takes itself out. */
export function createProcesses(db: Queryable) {
  return {
    async beat({ id, kind, host, pid, data }: Heartbeat): Promise<void> {
      await db.query(
        `INSERT INTO processes (id, kind, host, pid, data) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id) DO UPDATE SET beat_at = now(), data = EXCLUDED.data`,
        [id, kind, host, pid, JSON.stringify(data)],
      );
    },

    async remove(id: string): Promise<void> {
      await db.query('DELETE FROM processes WHERE id = $1', [id]);
    },

    /** Forgets those that died a day ago. */
    async purgeDead(): Promise<void> {
      await db.query('DELETE FROM processes WHERE beat_at < now() - $1::interval', [RETENTION]);
    },

    async list(): Promise<KnownProcess[]> {
      return db.query<KnownProcess & Record<string, unknown>>(
        `SELECT id, kind, host, pid, started_at AS "startedAt", beat_at AS "beatAt",
                beat_at > now() - $1::interval AS alive
           FROM processes ORDER BY kind, host, started_at, id`,
        [ALIVE_WITHIN],
      );
    },
  };
}
