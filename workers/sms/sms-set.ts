import { createAlerts, type Settlement } from '../../core/alerts/alerts';
import type { ClaimedAlert } from '../../core/alerts/claims';
import { decideAfterSend } from '../../core/alerts/decide-after-send';
import type { LineChoice } from '../../core/channels/choose-line';
import {
  type CallStats,
  callStats,
  mergeStats,
  NO_CALLS,
  ONE_ANSWERED,
} from '../../core/channels/circuit-breaker';
import { ChannelClosed, type SendOutcome } from '../../core/channels/outcomes';
import type { SmsChannel } from '../../core/channels/sms-channel';
import { disableLine, updateCircuit } from '../disable-line';
import { type SettlementDependencies, settlementDb } from '../settlement-db';
import { reportAttempts, type Telemetry } from '../telemetry';

export interface SendSmsDependencies extends Telemetry, SettlementDependencies {
  lines: readonly SmsChannel[];
}

/** An alert of a set, and the outcome of its attempt. */
export interface SentAlert {
  alert: ClaimedAlert;
  result: SendOutcome;
}

/** The results of the calls for a set. */
export interface CallResults {
  sent: SentAlert[];
  stats: CallStats;
  /** The reason to disable the line, if its account was refused. */
  closed?: ChannelClosed;
}

/**
 * Milliseconds after a claim within which its calls must begin. A process that was frozen for longer sends nothing: another
 * worker may have taken over.
 */
export const START_WITHIN_MS = 15_000;

/** Messages by the template that are on their way at once: each is a call of its own. */
const MAX_CONCURRENT_TEMPLATES = 8;

/** Sends the claimed alerts in one call. */
export async function sendSet(
  sms: SmsChannel,
  claimed: ClaimedAlert[],
  startUntil: number,
): Promise<CallResults> {
  const messages = claimed.map(({ attemptId, address, text }) => ({
    localId: attemptId,
    mobile: address,
    text,
  }));
  return callProvider(claimed, startUntil, () => sms.send(messages));
}

/** Sends alerts by the template, each in a call of its own, some at a time: the provider takes no sets of these. */
export async function sendTemplates(
  sms: SmsChannel,
  claimed: ClaimedAlert[],
  startUntil: number,
): Promise<CallResults> {
  const sendOne = (alert: ClaimedAlert) =>
    callProvider([alert], startUntil, async () => [
      await sms.sendByTemplate({ mobile: alert.address, token: alert.trackingNumber }),
    ]);
  let all: CallResults = { sent: [], stats: NO_CALLS };
  for (let i = 0; i < claimed.length; i += MAX_CONCURRENT_TEMPLATES) {
    const calls = await Promise.all(claimed.slice(i, i + MAX_CONCURRENT_TEMPLATES).map(sendOne));
    all = calls.reduce(mergeCalls, all);
  }
  return all;
}

/** Merges the results of calls that were made one after the other. */
export const mergeCalls = (first: CallResults, then: CallResults): CallResults => {
  const closed = then.closed ?? first.closed;
  return {
    sent: [...first.sent, ...then.sent],
    stats: mergeStats(first.stats, then.stats),
    ...(closed && { closed }),
  };
};

async function callProvider(
  claimed: ClaimedAlert[],
  startUntil: number,
  send: () => Promise<SendOutcome[]>,
): Promise<CallResults> {
  if (claimed.length === 0) return { sent: [], stats: NO_CALLS };
  if (Date.now() > startUntil) return { sent: withSameResult(claimed, tooLate), stats: NO_CALLS };
  try {
    const outcomes = await send();
    const sent = claimed.map((alert, i) => ({ alert, result: outcomes[i] as SendOutcome }));
    return { sent, stats: callStats(outcomes) };
  } catch (error) {
    if (!(error instanceof ChannelClosed)) throw error;
    const { providerCode, reason } = error;
    return {
      sent: withSameResult(claimed, { outcome: 'not_sent', code: providerCode, detail: reason }),
      stats: ONE_ANSWERED,
      closed: error,
    };
  }
}

const tooLate: SendOutcome = { outcome: 'not_sent', code: 'deadline', detail: 'no time was left to send it' };

/** Gives all alerts the same outcome. */
export const withSameResult = (alerts: ClaimedAlert[], result: SendOutcome): SentAlert[] =>
  alerts.map((alert) => ({ alert, result }));

/** Settles the calls over a line: first the outcomes of the messages, then the health of the line. */
export async function settleCalls(
  deps: SendSmsDependencies,
  choice: LineChoice,
  calls: CallResults,
): Promise<void> {
  const { db, log } = deps;
  await settleSet(deps, choice.line, calls.sent);
  if (calls.closed) await disableLine(db, log, choice.line, calls.closed);
  await updateCircuit(db, log, choice, calls.stats);
}

/** Settles alerts that went by one line, also when PostgreSQL is away for a while. */
export async function settleSet(deps: SendSmsDependencies, line: string, sent: SentAlert[]): Promise<void> {
  const settlements: Settlement[] = sent.map(({ alert, result }) => ({
    alert,
    result,
    decision: decideAfterSend(result, { ...alert, channel: 'sms', onUnknownEmail: 'park' }),
  }));
  await createAlerts(settlementDb(deps), 'sms').settle(line, settlements);
  reportAttempts(deps, 'sms', line, settlements);
}
