import type { Queryable } from '../platform/database';
import type { Channel } from '../platform/queues';

export interface ChannelState {
  channel: Channel;
  /** `closed`: a person must act. `paused`: opens again by itself once the cause has passed. */
  state: 'open' | 'closed' | 'paused';
  code: string | null;
  reason: string | null;
  since: Date;
}

/** Whether each channel may send; kept in PostgreSQL, so that all processes and a wiped Redis agree. */
export function createChannels(db: Queryable) {
  return {
    async list(): Promise<ChannelState[]> {
      return db.query<ChannelState>(
        'SELECT channel, state, code, reason, since FROM channels ORDER BY channel',
      );
    },

    /** The channels whose alerts have to wait. */
    async shut(): Promise<Channel[]> {
      const rows = await db.query<{ channel: Channel }>(`SELECT channel FROM channels WHERE state <> 'open'`);
      return rows.map(({ channel }) => channel);
    },

    /** Shuts a channel. Returns whether it was open until now. */
    async shutDown(
      channel: Channel,
      state: 'closed' | 'paused',
      code: string,
      reason: string,
    ): Promise<boolean> {
      const rows = await db.query(
        `UPDATE channels SET state = $2, code = $3, reason = $4, since = now()
          WHERE channel = $1 AND state = 'open' RETURNING 1`,
        [channel, state, code, reason],
      );
      return rows.length > 0;
    },

    /** Opens a channel. Returns whether it was shut until now. `only` spares one shut for another cause. */
    async open(channel: Channel, only: ('closed' | 'paused')[] = ['closed', 'paused']): Promise<boolean> {
      const rows = await db.query(
        `UPDATE channels SET state = 'open', code = NULL, reason = NULL, since = now()
          WHERE channel = $1 AND state = ANY($2) RETURNING 1`,
        [channel, only],
      );
      return rows.length > 0;
    },
  };
}
