import { createAlerts } from '../core/alerts/alerts';
import { createChannels } from '../core/channels/channels';
import type { SmsChannel } from '../core/channels/sms-channel';
import type { Database } from '../core/platform/database';
import type { Log } from '../core/platform/log';
import { CHANNELS, LANES, sendQueue } from '../core/platform/queues';

export interface WatchDependencies {
  db: Database;
  sms: SmsChannel;
  log: Log;
  /** Called when waiting work may go out. */
  kick: () => void;
}

/** Opens the SMS channel again once the credit that paused it is back. */
export async function reopenPausedSms({ db, sms, log, kick }: WatchDependencies): Promise<void> {
  const channels = createChannels(db);
  const state = (await channels.list()).find(({ channel }) => channel === 'sms');
  if (state?.state !== 'paused') return;
  const credit = await sms.credit();
  if (credit <= 0) return;
  if (await channels.open('sms', ['paused'])) {
    log.info({ channel: 'sms', credit }, 'channel open again: credit is back');
    kick();
  }
}

/** Lets alerts expire that wait behind a shut channel, where nobody would look at them. */
export async function expireBehindShutChannels({ db }: Pick<WatchDependencies, 'db'>): Promise<void> {
  const shut = await createChannels(db).shut();
  for (const channel of CHANNELS.filter((name) => shut.includes(name))) {
    const alerts = createAlerts(db, channel);
    const overdue = await alerts.overdue(LANES.map((lane) => sendQueue(channel, lane)));
    for (const lane of LANES) {
      const queue = sendQueue(channel, lane);
      await alerts.expire(
        queue,
        overdue.filter((row) => row.queue === queue).map(({ id }) => id),
      );
    }
  }
}
