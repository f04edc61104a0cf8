import { createAlerts, type Settlement } from '../core/alerts/alerts';
import type { ClaimedAlert } from '../core/alerts/claims';
import { decideAfterSend } from '../core/alerts/decide';
import { ANSWERED, addUp, type CallTally, NO_CALLS, tallyOf } from '../core/channels/line-breaker';
import { ChannelClosed, type SendOutcome } from '../core/channels/outcomes';
import type { SmsChannel } from '../core/channels/sms-channel';
import type { Way } from '../core/channels/way';
import type { Database } from '../core/platform/database';
import type { Log } from '../core/platform/log';
import type { Metrics } from '../core/platform/metrics';
import { outlast } from '../core/platform/outlast';
import { noteHealth, shutLine } from './shut-line';
import { tellOfAttempts } from './tell-of-attempts';

export interface SendSmsDependencies {
  db: Database;
  lines: readonly SmsChannel[];
  log: Log;
  metrics: Pick<Metrics, 'countAttempts' | 'observeHandover'>;
}

/** An alert of a set, and what became of it. */
export interface Sent {
  alert: ClaimedAlert;
  result: SendOutcome;
}

/** What calls of a set came to. */
export interface Calls {
  sent: Sent[];
  tally: CallTally;
  /** Why the line must be shut, if the account was refused. */
  closed?: ChannelClosed;
}

/** A process that was frozen for longer than this after its claim sends nothing: others may have taken over. */
export const LAST_START_MS = 15_000;

/** Messages by the template that are on their way at once: each is a call of its own. */
const TEMPLATES_AT_ONCE = 8;

/** Sends what was claimed, in one call. Tells what became of it, and what the call came to. */
export async function sendSet(sms: SmsChannel, claimed: ClaimedAlert[], lastStart: number): Promise<Calls> {
  const messages = claimed.map(({ attemptId, address, text }) => ({
    localId: attemptId,
    mobile: address,
    text,
  }));
  return call(claimed, lastStart, () => sms.send(messages));
}

/** Sends what goes by the template: one by one, some at a time, because the provider takes no sets of these. */
export async function sendTemplates(
  sms: SmsChannel,
  claimed: ClaimedAlert[],
  lastStart: number,
): Promise<Calls> {
  const sendOne = (alert: ClaimedAlert) =>
    call([alert], lastStart, async () => [
      await sms.sendByTemplate({ mobile: alert.address, token: alert.trackingNumber }),
    ]);
  let all: Calls = { sent: [], tally: NO_CALLS };
  for (let i = 0; i < claimed.length; i += TEMPLATES_AT_ONCE) {
    const calls = await Promise.all(claimed.slice(i, i + TEMPLATES_AT_ONCE).map(sendOne));
    all = calls.reduce(addUpCalls, all);
  }
  return all;
}

/** Both together, in this order. */
export const addUpCalls = (first: Calls, then: Calls): Calls => {
  const closed = then.closed ?? first.closed;
  return {
    sent: [...first.sent, ...then.sent],
    tally: addUp(first.tally, then.tally),
    ...(closed && { closed }),
  };
};

async function call(
  claimed: ClaimedAlert[],
  lastStart: number,
  send: () => Promise<SendOutcome[]>,
): Promise<Calls> {
  if (claimed.length === 0) return { sent: [], tally: NO_CALLS };
  if (Date.now() > lastStart) return { sent: allOf(claimed, tooLate), tally: NO_CALLS };
  try {
    const outcomes = await send();
    const sent = claimed.map((alert, i) => ({ alert, result: outcomes[i] as SendOutcome }));
    return { sent, tally: tallyOf(outcomes) };
  } catch (error) {
    if (!(error instanceof ChannelClosed)) throw error;
    const { providerCode, reason } = error;
    return {
      sent: allOf(claimed, { outcome: 'not_sent', code: providerCode, detail: reason }),
      tally: ANSWERED,
      closed: error,
    };
  }
}

const tooLate: SendOutcome = { outcome: 'not_sent', code: 'deadline', detail: 'no time was left to send it' };

/** The same became of all of them. */
export const allOf = (alerts: ClaimedAlert[], result: SendOutcome): Sent[] =>
  alerts.map((alert) => ({ alert, result }));

/** Writes down what calls over a line came to: what became of the messages first, and then how the line fares. */
export async function settleCalls(deps: SendSmsDependencies, way: Way, calls: Calls): Promise<void> {
  const { db, log } = deps;
  await settleSet(deps, way.line, calls.sent);
  if (calls.closed) await shutLine(db, log, way.line, calls.closed);
  await noteHealth(db, log, way, calls.tally);
}

/** Writes down what became of alerts that went by one line, also when PostgreSQL was away meanwhile. */
export async function settleSet(deps: SendSmsDependencies, line: string, sent: Sent[]): Promise<void> {
  const settlements: Settlement[] = sent.map(({ alert, result }) => ({
    alert,
    result,
    decision: decideAfterSend(result, { ...alert, channel: 'sms', onUnknownEmail: 'park' }),
  }));
  await createAlerts(outlast(deps.db), 'sms').settle(line, settlements);
  tellOfAttempts(deps, 'sms', line, settlements);
}
