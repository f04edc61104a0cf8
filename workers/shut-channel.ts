import { createChannels } from '../core/channels/channels';
import type { ChannelClosed } from '../core/channels/outcomes';
import type { Database } from '../core/platform/database';
import type { Log } from '../core/platform/log';
import { createOutbox } from '../core/platform/outbox';
import type { Channel } from '../core/platform/queues';

/** Stops a channel after the provider refused the account, and tells a person: once, not for every set. */
export async function shutChannel(
  db: Database,
  log: Log,
  channel: Channel,
  cause: ChannelClosed,
): Promise<void> {
  const { providerCode, reason, passing } = cause;
  const shut = await createChannels(db).shutDown(
    channel,
    passing ? 'paused' : 'closed',
    providerCode,
    reason,
  );
  if (shut) log.error({ channel, code: providerCode, reason, opensByItself: passing }, 'channel shut');
}

/** Leaves the set to the outbox while the channel is shut. Returns whether it did. */
export async function handBackWhileShut(db: Database, channel: Channel, ids: string[]): Promise<boolean> {
  const shut = await createChannels(db).shut();
  if (!shut.includes(channel)) return false;
  await createOutbox(db).handBack(ids);
  return true;
}
