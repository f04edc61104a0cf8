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
import type { Database } from '../../core/platform/database';
import type { Log } from '../../core/platform/log';
import type { Metrics } from '../../core/platform/metrics';
import { retryWhileUnavailable } from '../../core/platform/retry-while-unavailable';
import { disableLine, updateCircuit } from '../disable-line';
import { reportAttempts } from '../telemetry';

export interface SendSmsDependencies {
  db: Database;
  lines: readonly SmsChannel[];
  log: Log;
  metrics: Pick<Metrics, 'countAttempts' | 'observeHandover'>;
}

/** An alert of a set, and what became of it. */
export interface SentAlert {
  alert: ClaimedAlert;
  result: SendOutcome;
}

/** What calls of a set came to. */
export interface CallResults {
  sent: SentAlert[];
  stats: CallStats;
  /** Why the line must be shut, if the account was refused. */
  closed?: ChannelClosed;
}

/** A process that was frozen for longer than this after its claim sends nothing: others may have taken over. */
export const START_WITHIN_MS = 15_000;

/** Messages by the template that are on their way at once: each is a call of its own. */
const MAX_CONCURRENT_TEMPLATES = 8;

/** Sends what was claimed, in one call. Tells what became of it, and what the call came to. */
export async function sendSet(
  sms: SmsChannel,
  claimed: ClaimedAlert[],
  lastStart: number,
): Promise<CallResults> {
  const messages = claimed.map(({ attemptId, address, text }) => ({
    localId: attemptId,
    mobile: address,
    text,
  }));
  return callProvider(claimed, lastStart, () => sms.send(messages));
}

/** Sends what goes by the template: one by one, some at a time, because the provider takes no sets of these. */
export async function sendTemplates(
  sms: SmsChannel,
  claimed: ClaimedAlert[],
  lastStart: number,
): Promise<CallResults> {
  const sendOne = (alert: ClaimedAlert) =>
    callProvider([alert], lastStart, async () => [
      await sms.sendByTemplate({ mobile: alert.address, token: alert.trackingNumber }),
    ]);
  let all: CallResults = { sent: [], stats: NO_CALLS };
  for (let i = 0; i < claimed.length; i += MAX_CONCURRENT_TEMPLATES) {
    const calls = await Promise.all(claimed.slice(i, i + MAX_CONCURRENT_TEMPLATES).map(sendOne));
    all = calls.reduce(mergeCalls, all);
  }
  return all;
}

/** Both together, in this order. */
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
  lastStart: number,
  send: () => Promise<SendOutcome[]>,
): Promise<CallResults> {
  if (claimed.length === 0) return { sent: [], stats: NO_CALLS };
  if (Date.now() > lastStart) return { sent: withSameResult(claimed, tooLate), stats: NO_CALLS };
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

/** The same became of all of them. */
export const withSameResult = (alerts: ClaimedAlert[], result: SendOutcome): SentAlert[] =>
  alerts.map((alert) => ({ alert, result }));

/** Writes down what calls over a line came to: what became of the messages first, and then how the line fares. */
export async function settleCalls(
  deps: SendSmsDependencies,
  way: LineChoice,
  calls: CallResults,
): Promise<void> {
  const { db, log } = deps;
  await settleSet(deps, way.line, calls.sent);
  if (calls.closed) await disableLine(db, log, way.line, calls.closed);
  await updateCircuit(db, log, way, calls.stats);
}

/** Writes down what became of alerts that went by one line, also when PostgreSQL was away meanwhile. */
export async function settleSet(deps: SendSmsDependencies, line: string, sent: SentAlert[]): Promise<void> {
  const settlements: Settlement[] = sent.map(({ alert, result }) => ({
    alert,
    result,
    decision: decideAfterSend(result, { ...alert, channel: 'sms', onUnknownEmail: 'park' }),
  }));
  await createAlerts(retryWhileUnavailable(deps.db), 'sms').settle(line, settlements);
  reportAttempts(deps, 'sms', line, settlements);
}
