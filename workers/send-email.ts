import { createAlerts } from '../core/alerts/alerts';
import { type ClaimedAlert, rowsNotFullyClaimed, STALE_CLAIM_SECONDS } from '../core/alerts/claims';
import { decideAfterSend, workerLost } from '../core/alerts/decide-after-send';
import { readEmailContents } from '../core/alerts/email-contents';
import { composeEmail, type EmailContent } from '../core/alerts/email-message';
import { chooseLine, type LineChoice } from '../core/channels/choose-line';
import {
  type CallStats,
  callStats,
  isTripped,
  mergeStats,
  NO_CALLS,
  ONE_ANSWERED,
} from '../core/channels/circuit-breaker';
import type { EmailChannel } from '../core/channels/email-channel';
import { createLines } from '../core/channels/lines';
import { ChannelClosed, type SendOutcome } from '../core/channels/outcomes';
import { laneOf, type OutboxQueue } from '../core/platform/queues';
import { disableLine, updateCircuit, waitForLine } from './disable-line';
import { type SettlementDependencies, settlementDb } from './settlement-db';
import { logClaims, reportAttempts, type Telemetry } from './telemetry';

export interface SendEmailDependencies extends Telemetry, SettlementDependencies {
  email: EmailChannel;
  /** The domain of Message-IDs. */
  domain: string;
  onUnknown: 'park' | 'resend';
}

/**
 * Milliseconds after a claim within which each of its messages must begin: a later one could still be on its way when the claim
 * goes stale.
 */
const START_WITHIN_MS = (STALE_CLAIM_SECONDS.email * 1000) / 3;

/**
 * Sends one set of email alerts, as much of it as may go now. An email whose worker died during the send is unknown, because no
 * server can be asked: it waits for a person, or is sent again under the same Message-ID if the configuration says so. Safe to
 * run twice: an alert that is claimed is not claimed again.
 */
export async function sendEmail(
  deps: SendEmailDependencies,
  queue: OutboxQueue,
  ids: string[],
): Promise<void> {
  const { db, email } = deps;
  const alerts = createAlerts(db, 'email');
  const lane = laneOf(queue);
  const health = await createLines(db).lineHealth('email', lane);
  const countWaiting = () => alerts.countClaimable(queue, ids);
  const choice = await chooseLine(db, { health, lines: [email], lane, countWaiting });
  if (!choice) return waitForLine(db, health, [email], ids);

  const startUntil = Date.now() + START_WITHIN_MS;
  const claimed = await alerts.claim(queue, ids, choice.line, choice.limit);
  logClaims(deps, 'email', claimed);
  const remaining = rowsNotFullyClaimed(ids, claimed);
  const isFull = claimed.length >= choice.limit;
  if (isFull && remaining.length > 0)
    await createAlerts(settlementDb(deps), 'email').splitOffUnclaimed(remaining, claimed);
  await sendClaimed(deps, choice, claimed, startUntil);
  if (isFull || remaining.length === 0) return;

  const inDoubt = await alerts.claimInDoubt(queue, remaining);
  logClaims(deps, 'email', inDoubt);
  await settle(
    deps,
    inDoubt,
    inDoubt.map(() => workerLost),
  );
  await alerts.expire(queue, remaining);
  await alerts.cleanUpUnclaimed(queue, remaining);
}

/** Sends claimed alerts, settles those that were begun, and undoes the claims of the others. */
async function sendClaimed(
  deps: SendEmailDependencies,
  choice: LineChoice,
  claimed: ClaimedAlert[],
  startUntil: number,
): Promise<void> {
  const { db, log } = deps;
  const { begun, results, stats, closed } = await sendAll(deps, claimed, startUntil);
  await settle(deps, begun, results);
  const notBegun = claimed.slice(begun.length);
  if (notBegun.length > 0) await createAlerts(settlementDb(deps), 'email').unclaim(notBegun);
  if (closed) await disableLine(db, log, choice.line, closed);
  await updateCircuit(db, log, choice, stats);
}

interface SentEmails {
  /** The alerts whose send began: the first ones of the set. */
  begun: ClaimedAlert[];
  /** The outcome of each of them. */
  results: SendOutcome[];
  stats: CallStats;
  /** The reason to disable the line, if the account was refused. */
  closed?: ChannelClosed;
}

/**
 * Sends messages in their order, some at a time, for as long as it makes sense: not past `startUntil`, and not once the account is
 * refused or enough calls failed to trip the circuit.
 */
async function sendAll(
  deps: SendEmailDependencies,
  claimed: ClaimedAlert[],
  startUntil: number,
): Promise<SentEmails> {
  const contents = await readEmailContents(
    settlementDb(deps),
    claimed.map(({ alertId }) => alertId),
  );
  const results: SendOutcome[] = [];
  let stats = NO_CALLS;
  let next = 0;
  let closed: ChannelClosed | undefined;
  const mayBegin = () => next < claimed.length && !closed && !isTripped(stats) && Date.now() <= startUntil;
  const sendInTurn = async () => {
    while (mayBegin()) {
      const i = next++;
      const content = contents.get((claimed[i] as ClaimedAlert).alertId) as EmailContent;
      try {
        const result = await deps.email.send(composeEmail(content, deps.domain));
        results[i] = result;
        stats = mergeStats(stats, callStats([result]));
      } catch (error) {
        if (!(error instanceof ChannelClosed)) throw error;
        closed = error;
        results[i] = { outcome: 'not_sent', code: error.providerCode, detail: error.reason };
        stats = mergeStats(stats, ONE_ANSWERED);
      }
    }
  };
  await Promise.all(Array.from({ length: deps.email.concurrency }, sendInTurn));
  return { begun: claimed.slice(0, next), results, stats, ...(closed && { closed }) };
}

/** Settles the outcomes of messages, also when PostgreSQL is away for a while. */
async function settle(
  deps: SendEmailDependencies,
  alerts: ClaimedAlert[],
  results: SendOutcome[],
): Promise<void> {
  const settlements = alerts.map((alert, i) => {
    const result = results[i] as SendOutcome;
    const attempt = { ...alert, channel: 'email' as const, onUnknownEmail: deps.onUnknown };
    return { alert, result, decision: decideAfterSend(result, attempt) };
  });
  await createAlerts(settlementDb(deps), 'email').settle(deps.email.line, settlements);
  reportAttempts(deps, 'email', deps.email.line, settlements);
}
