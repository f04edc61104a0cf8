import { createAlerts } from '../core/alerts/alerts';
import { type ClaimedAlert, rowsNotFullyClaimed, STALE_CLAIM_SECONDS } from '../core/alerts/claims';
import { decideAfterSend, workerLost } from '../core/alerts/decide-after-send';
import { readEmailContents } from '../core/alerts/email-contents';
import { composeEmail, type EmailContent } from '../core/alerts/email-message';
import { chooseLine } from '../core/channels/choose-line';
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
import type { Database } from '../core/platform/database';
import type { Log } from '../core/platform/log';
import type { Metrics } from '../core/platform/metrics';
import { laneOf, type OutboxQueue } from '../core/platform/queues';
import { retryWhileUnavailable } from '../core/platform/retry-while-unavailable';
import { disableLine, updateCircuit, waitForLine } from './disable-line';
import { logClaims, reportAttempts } from './telemetry';

export interface SendEmailDependencies {
  db: Database;
  email: EmailChannel;
  /** The domain of Message-IDs. */
  domain: string;
  onUnknown: 'park' | 'resend';
  log: Log;
  metrics: Pick<Metrics, 'countAttempts' | 'observeHandover'>;
}

/** No message of a set is begun later than this: the claim would be stale before the message is settled. */
const START_WITHIN_MS = (STALE_CLAIM_SECONDS.email * 1000) / 3;

/**
 * Sends one set of email alerts, as much of it as may go now. One whose worker died in the middle is unknown,
 * because nobody can be asked: it waits for a person, or is sent again under the same Message-ID if the
 * configuration says so.
 */
export async function sendEmail(
  deps: SendEmailDependencies,
  queue: OutboxQueue,
  ids: string[],
): Promise<void> {
  const { db, email, log } = deps;
  const alerts = createAlerts(db, 'email');
  const lasting = createAlerts(retryWhileUnavailable(db), 'email');
  const lane = laneOf(queue);
  const conditions = await createLines(db).lineHealth('email', lane);
  const way = await chooseLine(db, conditions, [email], lane, () => alerts.countClaimable(queue, ids));
  if (!way) return waitForLine(db, conditions, [email], ids);

  const lastStart = Date.now() + START_WITHIN_MS;
  const fresh = await alerts.claim(queue, ids, way.line, way.limit);
  logClaims(deps, 'email', fresh);
  const rest = rowsNotFullyClaimed(ids, fresh);
  const isFull = fresh.length >= way.limit;
  if (isFull && rest.length > 0) await lasting.splitOffUnclaimed(rest, fresh);
  const { begun, results, tally, closed } = await sendAll(deps, fresh, lastStart);
  await settle(deps, begun, results);
  const unbegun = fresh.slice(begun.length);
  if (unbegun.length > 0) await lasting.unclaim(unbegun);
  if (closed) await disableLine(db, log, way.line, closed);
  await updateCircuit(db, log, way, tally);
  if (isFull || rest.length === 0) return;

  const doubtful = await alerts.claimInDoubt(queue, rest);
  logClaims(deps, 'email', doubtful);
  await settle(
    deps,
    doubtful,
    doubtful.map(() => workerLost),
  );
  await alerts.expire(queue, rest);
  await alerts.cleanUpUnclaimed(queue, rest);
}

/**
 * Sends messages in turn, some at a time, for as long as it makes sense: not past `lastStart`, and not once the
 * account is refused or the server looks broken.
 *
 * @returns those that were begun, which are the first ones, what became of each, and why the line
 *   must be shut if the account was refused
 */
async function sendAll(
  deps: SendEmailDependencies,
  claimed: ClaimedAlert[],
  lastStart: number,
): Promise<{ begun: ClaimedAlert[]; results: SendOutcome[]; tally: CallStats; closed?: ChannelClosed }> {
  const contents = await readEmailContents(
    retryWhileUnavailable(deps.db),
    claimed.map(({ alertId }) => alertId),
  );
  const results: SendOutcome[] = [];
  let tally = NO_CALLS;
  let next = 0;
  let closed: ChannelClosed | undefined;
  const mayBegin = () => next < claimed.length && !closed && !isTripped(tally) && Date.now() <= lastStart;
  const sendInTurn = async () => {
    while (mayBegin()) {
      const i = next++;
      const content = contents.get((claimed[i] as ClaimedAlert).alertId) as EmailContent;
      try {
        const result = await deps.email.send(composeEmail(content, deps.domain));
        results[i] = result;
        tally = mergeStats(tally, callStats([result]));
      } catch (error) {
        if (!(error instanceof ChannelClosed)) throw error;
        closed = error;
        results[i] = { outcome: 'not_sent', code: error.providerCode, detail: error.reason };
        tally = mergeStats(tally, ONE_ANSWERED);
      }
    }
  };
  await Promise.all(Array.from({ length: deps.email.concurrency }, sendInTurn));
  return { begun: claimed.slice(0, next), results, tally, ...(closed && { closed }) };
}

/** Writes down what became of messages, also when PostgreSQL was away meanwhile. */
async function settle(
  deps: SendEmailDependencies,
  claimed: ClaimedAlert[],
  results: SendOutcome[],
): Promise<void> {
  const settlements = claimed.map((alert, i) => {
    const result = results[i] as SendOutcome;
    const situation = { ...alert, channel: 'email' as const, onUnknownEmail: deps.onUnknown };
    return { alert, result, decision: decideAfterSend(result, situation) };
  });
  await createAlerts(retryWhileUnavailable(deps.db), 'email').settle(deps.email.line, settlements);
  reportAttempts(deps, 'email', deps.email.line, settlements);
}
