import { type ClaimedAlert, createAlerts, notWhollyClaimed, STALE_SECONDS } from '../core/alerts/alerts';
import { decideAfterSend } from '../core/alerts/decide';
import { readEmailContents } from '../core/alerts/email-contents';
import { composeEmail, type EmailContent } from '../core/alerts/email-message';
import type { EmailChannel } from '../core/channels/email-channel';
import { ChannelClosed, type SendOutcome } from '../core/channels/outcomes';
import type { Database } from '../core/platform/database';
import type { Log } from '../core/platform/log';
import type { Metrics } from '../core/platform/metrics';
import type { OutboxQueue } from '../core/platform/queues';
import { countAttempts } from './count-attempts';
import { handBackWhileShut, shutChannel } from './shut-channel';

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
 * Sends one set of email alerts. One whose worker died in the middle is unknown, because nobody can be
 * asked: it waits for a person, or is sent again under the same Message-ID if the configuration says so.
 */
export async function sendEmail(
  deps: SendEmailDependencies,
  queue: OutboxQueue,
  ids: string[],
): Promise<void> {
  if (await handBackWhileShut(deps.db, 'email', ids)) return;
  const alerts = createAlerts(deps.db, 'email');
  const lastStart = Date.now() + LAST_START_MS;
  const fresh = await alerts.claim(queue, ids);
  await settle(deps, fresh, await sendAll(deps, fresh, lastStart));
  const rest = notWhollyClaimed(ids, fresh);
  if (rest.length === 0) return;

  const doubtful = await alerts.claimDoubtful(queue, rest);
  await settle(
    deps,
    doubtful,
    doubtful.map(() => lostOnTheWay),
  );
  await alerts.expire(queue, rest);
  await alerts.release(queue, rest);
}

const lostOnTheWay: SendOutcome = {
  outcome: 'unknown',
  code: 'worker_lost',
  detail: 'the worker was lost while the message was being handed over',
};

async function sendAll(
  deps: SendEmailDependencies,
  claimed: ClaimedAlert[],
  lastStart: number,
): Promise<SendOutcome[]> {
  const contents = await readEmailContents(
    deps.db,
    claimed.map(({ alertId }) => alertId),
  );
  const results: SendOutcome[] = [];
  let next = 0;
  let closed: ChannelClosed | undefined;
  const sendInTurn = async () => {
    for (let i = next++; i < claimed.length; i = next++) {
      if (closed) results[i] = notSent(closed.providerCode, closed.reason);
      else if (Date.now() > lastStart) results[i] = notSent('deadline', 'no time was left to send it');
      else {
        const content = contents.get((claimed[i] as ClaimedAlert).alertId) as EmailContent;
        try {
          results[i] = await deps.email.send(composeEmail(content, deps.domain));
        } catch (error) {
          if (!(error instanceof ChannelClosed)) throw error;
          closed = error;
          results[i] = notSent(error.providerCode, error.reason);
        }
      }
    }
  };
  await Promise.all(Array.from({ length: deps.email.width }, sendInTurn));
  if (closed) await shutChannel(deps.db, deps.log, 'email', closed);
  return results;
}

const notSent = (code: string, detail: string): SendOutcome => ({ outcome: 'not_sent', code, detail });

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
  await createAlerts(deps.db, 'email').settle(deps.email.provider, settlements);
  countAttempts(deps.metrics, 'email', settlements);
}
