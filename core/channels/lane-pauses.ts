import type { Queryable } from '../platform/database';
import type { Channel, Lane } from '../platform/queues';

/** A lane that an operator holds back. */
export interface LanePause {
  channel: Channel;
  lane: Lane;
  since: Date;
  operator: string;
  reason: string;
}

/**
 * Lanes that operators hold back: their alerts stay in PostgreSQL until they are resumed. Kept there too, so
 * that all processes and a wiped Redis agree. Whoever sends reads it with the lines, in `createLines`.
 */
export function createLanePauses(db: Queryable) {
  return {
    /** Returns false when somebody paused it already; the first reason stays. */
    async pause(channel: Channel, lane: Lane, operator: string, reason: string): Promise<boolean> {
      const rows = await db.query(
        `INSERT INTO lane_pauses (channel, lane, operator, reason) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING RETURNING 1`,
        [channel, lane, operator, reason],
      );
      return rows.length > 0;
    },

    /** Returns false when it was not paused. */
    async resume(channel: Channel, lane: Lane): Promise<boolean> {
      const rows = await db.query('DELETE FROM lane_pauses WHERE channel = $1 AND lane = $2 RETURNING 1', [
        channel,
        lane,
      ]);
      return rows.length > 0;
    },

    async list(): Promise<LanePause[]> {
      return db.query<LanePause & Record<string, unknown>>(
        'SELECT channel, lane, since, operator, reason FROM lane_pauses ORDER BY channel, lane',
      );
    },
  };
}
