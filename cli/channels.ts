import { createChannels } from '../core/channels/channels';
import { createDatabase } from '../core/platform/database';
import { CHANNELS, type Channel } from '../core/platform/queues';
import { type Command, type Input, UsageError } from './command';
import { loadSettings } from './settings';

async function open({ args, env }: Input) {
  const [name] = args as [string];
  if (!CHANNELS.includes(name as Channel)) {
    throw new UsageError(`There is no channel "${name}"; there are ${CHANNELS.join(', ')}.`);
  }
  const { DATABASE_URL } = loadSettings(env, ['DATABASE_URL']);
  const db = createDatabase(DATABASE_URL, { max: 1, name: 'ablagh-cli' });
  try {
    const opened = await createChannels(db).open(name as Channel);
    return { data: { channel: name, opened }, text: opened ? `${name} is open again.` : `${name} was open.` };
  } finally {
    await db.close();
  }
}

export const channelCommands: Command[] = [
  {
    words: ['channel', 'open'],
    takes: ['sms|email'],
    does: 'opens a channel that the provider refused; what waited goes out',
    run: open,
  },
];
