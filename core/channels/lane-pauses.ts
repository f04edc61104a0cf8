import type { Queryable } from '../platform/database';
import type { Channel, Lane } from '../platform/queues';
import { statement } from '../platform/statement';

/** A lane that an operator paused. */
export interface LanePause {
  channel: Channel;
  lane: Lane;
  since: Date;
  operator: string;
  reason: string;
}

const PAUSE_LANE = statement(
  'pause-lane',
  `INSERT INTO lane_pauses (channel, lane, operator, reason) VALUES (:channel, :lane, :operator, :reason)
   ON CONFLICT DO NOTHING RETURNING 1`,
  {},
);

const LIST_LANE_PAUSES = statement<LanePause>(
  'list-lane-pauses',
  'SELECT channel, lane, since, operator, reason FROM lane_pauses ORDER BY channel, lane',
  { channel: 'text', lane: 'text', since: 'timestamptz', operator: 'text', reason: 'text' },
);

/**
 * Lanes that operators paused: their alerts stay in PostgreSQL until the lane is resumed. The pauses stand in PostgreSQL too, so
 * that all processes and a wiped Redis agree. Senders read them together with the lines, in `createLines`.
 */
export function createLanePauses(db: Queryable) {
  return {
    /** Pauses a lane. Returns false when it was paused already; the first reason stays. */
    async pause(channel: Channel, lane: Lane, operator: string, reason: string): Promise<boolean> {
      const rows = await db.query(PAUSE_LANE, { channel, lane, operator, reason });
      return rows.length > 0;
    },

    /** Resumes a lane. Returns false when it was not paused. */
    async resume(channel: Channel, lane: Lane): Promise<boolean> {
      const rows = await db.query('DELETE FROM lane_pauses WHERE channel = $1 AND lane = $2 RETURNING 1', [
        channel,
        lane,
      ]);
      return rows.length > 0;
    },

    list: (): Promise<LanePause[]> => db.query(LIST_LANE_PAUSES),
  };
}
