import type { Queryable } from '../platform/database';
import { statement } from '../platform/statement';

export interface Heartbeat {
  id: string;
  kind: 'api' | 'workers';
  host: string;
  pid: number;
  /** Further facts worth knowing, such as the version. */
  data: Record<string, string | number>;
}

export interface KnownProcess extends Omit<Heartbeat, 'data'> {
  startedAt: Date;
  beatAt: Date;
  /** Whether its last heartbeat is at most 30 seconds old. */
  alive: boolean;
}

const ALIVE_WITHIN = '30 seconds';
const RETENTION = '1 day';

const RECORD_HEARTBEAT = statement(
  'record-heartbeat',
  `INSERT INTO processes (id, kind, host, pid, data) VALUES (:id, :kind, :host, :pid, :data)
   ON CONFLICT (id) DO UPDATE SET beat_at = now(), data = EXCLUDED.data`,
  {},
);

const LIST_PROCESSES = statement<KnownProcess>(
  'list-processes',
  `SELECT id, kind, host, pid, started_at AS "startedAt", beat_at AS "beatAt",
          beat_at > now() - :aliveWithin::interval AS alive
     FROM processes ORDER BY kind, host, started_at, id`,
  {
    id: 'uuid',
    kind: 'text',
    host: 'text',
    pid: 'int4',
    startedAt: 'timestamptz',
    beatAt: 'timestamptz',
    alive: 'bool',
  },
);

/** Keeps the heartbeats of all processes. A process that shuts down in order removes its own row. */
export function createProcesses(db: Queryable) {
  return {
    async beat({ id, kind, host, pid, data }: Heartbeat): Promise<void> {
      await db.query(RECORD_HEARTBEAT, { id, kind, host, pid, data: JSON.stringify(data) });
    },

    async remove(id: string): Promise<void> {
      await db.query('DELETE FROM processes WHERE id = $1', [id]);
    },

    /** Removes processes whose last heartbeat is more than a day old. */
    async purgeDead(): Promise<void> {
      await db.query('DELETE FROM processes WHERE beat_at < now() - $1::interval', [RETENTION]);
    },

    list: (): Promise<KnownProcess[]> => db.query(LIST_PROCESSES, { aliveWithin: ALIVE_WITHIN }),
  };
}
