import { blockedQueues, createLines } from '../../core/channels/lines';
import type { Queryable } from '../../core/platform/database';
import { CHANNELS, type Channel, LANES, sendQueue } from '../../core/platform/queues';

/** The channels that cannot send, as none of their lines is usable. */
export async function shutChannels(db: Queryable): Promise<Channel[]> {
  const held = blockedQueues(await createLines(db).availableCapacity());
  return CHANNELS.filter((channel) => LANES.every((lane) => held.includes(sendQueue(channel, lane))));
}
