import { createAlerts, type Settlement } from '../core/alerts/alerts';
import type { ClaimedAlert } from '../core/alerts/claims';
import { decideAfterSend } from '../core/alerts/decide';
import { ANSWERED, addUp, type CallTally, NO_CALLS, tallyOf } from '../core/channels/line-breaker';
import { ChannelClosed, type SendOutcome } from '../core/channels/outcomes';
import type { SmsChannel } from '../core/channels/sms-channel';
import type { Database } from '../core/platform/database';
import type { Log } from '../core/platform/log';
import type { Metrics } from '../core/platform/metrics';
import { outlast } from '../core/platform/outlast';
import { shutLine } from './shut-line';
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

/** A process that was frozen for longer than this after its claim sends nothing: others may have taken over. */
export const LAST_START_MS = 15_000;

/** Messages by the template that are on their way at once: each is a call of its own. */
const TEMPLATES_AT_ONCE = 8;

/** Sends what was claimed, in one call. Tells what became of it, and what the call came to. */
export async function sendSet(
  deps: SendSmsDependencies,
  sms: SmsChannel,
  claimed: ClaimedAlert[],
  lastStart: number,
): Promise<{ sent: Sent[]; tally: CallTally }> {
  const messages = claimed.map(({ attemptId, address, text }) => ({
    localId: attemptId,
    mobile: address,
    text,
  }));
  return call(deps, sms, claimed, lastStart, () => sms.send(messages));
}

/** Sends what goes by the template: one by one, some at a time, because the provider takes no sets of these. */
export async function sendTemplates(
  deps: SendSmsDependencies,
  sms: SmsChannel,
  claimed: ClaimedAlert[],
  lastStart: number,
): Promise<{ sent: Sent[]; tally: CallTally }> {
  const sendOne = (alert: ClaimedAlert) =>
    call(deps, sms, [alert], lastStart, async () => [
      await sms.sendByTemplate({ mobile: alert.address, token: alert.trackingNumber }),
    ]);
  const sent: Sent[] = [];
  let tally = NO_CALLS;
  for (let i = 0; i < claimed.length; i += TEMPLATES_AT_ONCE) {
    const calls = await Promise.all(claimed.slice(i, i + TEMPLATES_AT_ONCE).map(sendOne));
    sent.push(...calls.flatMap((one) => one.sent));
    tally = calls.reduce((sum, one) => addUp(sum, one.tally), tally);
  }
  return { sent, tally };
}

async function call(
  { db, log }: SendSmsDependencies,
  sms: SmsChannel,
  claimed: ClaimedAlert[],
  lastStart: number,
  send: () => Promise<SendOutcome[]>,
): Promise<{ sent: Sent[]; tally: CallTally }> {
  if (claimed.length === 0) return { sent: [], tally: NO_CALLS };
  if (Date.now() > lastStart) return { sent: allOf(claimed, tooLate), tally: NO_CALLS };
  try {
    const outcomes = await send();
    const sent = claimed.map((alert, i) => ({ alert, result: outcomes[i] as SendOutcome }));
    return { sent, tally: tallyOf(outcomes) };
  } catch (error) {
    if (!(error instanceof ChannelClosed)) throw error;
    await shutLine(db, log, sms.line, error);
    const { providerCode, reason } = error;
    return {
      sent: allOf(claimed, { outcome: 'not_sent', code: providerCode, detail: reason }),
      tally: ANSWERED,
    };
  }
}

const tooLate: SendOutcome = { outcome: 'not_sent', code: 'deadline', detail: 'no time was left to send it' };

/** The same became of all of them. */
export const allOf = (alerts: ClaimedAlert[], result: SendOutcome): Sent[] =>
  alerts.map((alert) => ({ alert, result }));

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
