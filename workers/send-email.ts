import { createAlerts } from '../core/alerts/alerts';
import { type ClaimedAlert, notWhollyClaimed, STALE_SECONDS } from '../core/alerts/claims';
import { decideAfterSend, lostOnTheWay } from '../core/alerts/decide';
import { readEmailContents } from '../core/alerts/email-contents';
import { composeEmail, type EmailContent } from '../core/alerts/email-message';
import type { EmailChannel } from '../core/channels/email-channel';
import {
  ANSWERED,
  addUp,
  type CallTally,
  looksBroken,
  NO_CALLS,
  tallyOf,
} from '../core/channels/line-breaker';
import { createLines } from '../core/channels/lines';
import { ChannelClosed, type SendOutcome } from '../core/channels/outcomes';
import { findWay } from '../core/channels/way';
import type { Database } from '../core/platform/database';
import type { Log } from '../core/platform/log';
import type { Metrics } from '../core/platform/metrics';
import { outlast } from '../core/platform/outlast';
import { laneOf, type OutboxQueue } from '../core/platform/queues';
import { noteHealth, shutLine, waitForLine } from './shut-line';
import { tellOfAttempts, tellOfClaims } from './tell-of-attempts';

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
const LAST_START_MS = (STALE_SECONDS.email * 1000) / 3;

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
  const lasting = createAlerts(outlast(db), 'email');
  const lane = laneOf(queue);
  const conditions = await createLines(db).conditions('email', lane);
  const way = await findWay(db, conditions, [email], lane, () => alerts.waiting(queue, ids));
  if (!way) return waitForLine(db, conditions, [email], ids);

  const lastStart = Date.now() + LAST_START_MS;
  const fresh = await alerts.claim(queue, ids, way.line, way.limit);
  tellOfClaims(deps, 'email', fresh);
  const rest = notWhollyClaimed(ids, fresh);
  const isFull = fresh.length >= way.limit;
  if (isFull && rest.length > 0) await lasting.leave(rest, fresh);
  const { begun, results, tally, closed } = await sendAll(deps, fresh, lastStart);
  await settle(deps, begun, results);
  const unbegun = fresh.slice(begun.length);
  if (unbegun.length > 0) await lasting.giveBack(unbegun);
  if (closed) await shutLine(db, log, way.line, closed);
  await noteHealth(db, log, way, tally);
  if (isFull || rest.length === 0) return;

  const doubtful = await alerts.claimDoubtful(queue, rest);
  tellOfClaims(deps, 'email', doubtful);
  await settle(
    deps,
    doubtful,
    doubtful.map(() => lostOnTheWay),
  );
  await alerts.expire(queue, rest);
  await alerts.release(queue, rest);
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
): Promise<{ begun: ClaimedAlert[]; results: SendOutcome[]; tally: CallTally; closed?: ChannelClosed }> {
  const contents = await readEmailContents(
    outlast(deps.db),
    claimed.map(({ alertId }) => alertId),
  );
  const results: SendOutcome[] = [];
  let tally = NO_CALLS;
  let next = 0;
  let closed: ChannelClosed | undefined;
  const mayBegin = () => next < claimed.length && !closed && !looksBroken(tally) && Date.now() <= lastStart;
  const sendInTurn = async () => {
    while (mayBegin()) {
      const i = next++;
      const content = contents.get((claimed[i] as ClaimedAlert).alertId) as EmailContent;
      try {
        const result = await deps.email.send(composeEmail(content, deps.domain));
        results[i] = result;
        tally = addUp(tally, tallyOf([result]));
      } catch (error) {
        if (!(error instanceof ChannelClosed)) throw error;
        closed = error;
        results[i] = { outcome: 'not_sent', code: error.providerCode, detail: error.reason };
        tally = addUp(tally, ANSWERED);
      }
    }
  };
  await Promise.all(Array.from({ length: deps.email.width }, sendInTurn));
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
  await createAlerts(outlast(deps.db), 'email').settle(deps.email.line, settlements);
  tellOfAttempts(deps, 'email', deps.email.line, settlements);
}
