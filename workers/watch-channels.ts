import { createAlerts } from '../core/alerts/alerts';
import { blockedQueues, createLines, FIRST_LINE } from '../core/channels/lines';
import { ChannelClosed } from '../core/channels/outcomes';
import type { SmsChannel } from '../core/channels/sms-channel';
import type { Database } from '../core/platform/database';
import type { Log } from '../core/platform/log';
import { CHANNELS, type Channel, LANES, type OutboxQueue, sendQueue } from '../core/platform/queues';
import { isRestored } from '../core/restore/resume-after-restore';
import { disableLine } from './disable-line';

export interface WatchChannelsDependencies {
  db: Database;
  lines: readonly SmsChannel[];
  log: Log;
  /** Starts a round of the relay: waiting work may go out. */
  kick: () => void;
}

/** Registers the lines of this process; a line that no living process registers does not count. */
export async function registerLines(
  { db, lines }: Pick<WatchChannelsDependencies, 'db' | 'lines'>,
  smsPerSecond: number | null,
): Promise<void> {
  await createLines(db).register([
    ...lines.map(({ line }) => ({ name: line, channel: 'sms' as const, perSecond: smsPerSecond })),
    { name: FIRST_LINE.email, channel: 'email', perSecond: null },
  ]);
}

/**
 * Reopens lines once the credit that paused them is back. A line whose account is refused meanwhile is closed. A line that does
 * not answer delays none of the others.
 *
 * @throws the first error of a line, once all paused lines were asked
 */
export async function reopenPausedLines(deps: WatchChannelsDependencies): Promise<void> {
  const states = await createLines(deps.db).list();
  const paused = new Set(states.filter(({ state }) => state === 'paused').map(({ name }) => name));
  const errors: unknown[] = [];
  for (const sms of deps.lines.filter(({ line }) => paused.has(line))) {
    await reopen(deps, sms).catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw errors[0];
}

async function reopen({ db, log, kick }: WatchChannelsDependencies, sms: SmsChannel): Promise<void> {
  const { line } = sms;
  let credit: number;
  try {
    credit = await sms.credit();
  } catch (error) {
    if (error instanceof ChannelClosed) return disableLine(db, log, line, error);
    throw error;
  }
  if (credit > 0 && (await createLines(db).reopen(line))) {
    log.info({ line, credit }, 'line open again: credit is back');
    kick();
  }
}

/**
 * Expires alerts that wait where no worker comes: for disabled lines and in paused lanes. In a restored database they may have
 * been sent already, so nothing expires before an operator has said what is lost.
 */
export async function expireBlocked({ db }: Pick<WatchChannelsDependencies, 'db'>): Promise<void> {
  if (await isRestored(db)) return;
  const held = blockedQueues(await createLines(db).availableCapacity());
  for (const channel of CHANNELS) {
    const queues = LANES.map((lane) => sendQueue(channel, lane)).filter((queue) => held.includes(queue));
    while (queues.length > 0 && (await expireSome(db, channel, queues)) > 0);
  }
}

async function expireSome(db: Database, channel: Channel, queues: OutboxQueue[]): Promise<number> {
  const alerts = createAlerts(db, channel);
  const overdue = await alerts.overdue(queues);
  let expired = 0;
  for (const queue of queues) {
    const ids = overdue.filter((row) => row.queue === queue).map(({ id }) => id);
    if (ids.length > 0) expired += await alerts.expire(queue, ids);
  }
  return expired;
}
