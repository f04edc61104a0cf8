import { type ClaimedAlert, createAlerts, notWhollyClaimed, type Settlement } from '../core/alerts/alerts';
import { decideAfterSend, LOOK_UP_WINDOW_SECONDS } from '../core/alerts/decide';
import { ChannelClosed, type SendOutcome } from '../core/channels/outcomes';
import type { SmsChannel } from '../core/channels/sms-channel';
import type { Database } from '../core/platform/database';
import type { Log } from '../core/platform/log';
import type { Metrics } from '../core/platform/metrics';
import type { OutboxQueue } from '../core/platform/queues';
import { countAttempts } from './count-attempts';
import { handBackWhileShut, shutChannel } from './shut-channel';

export interface SendSmsDependencies {
  db: Database;
  sms: SmsChannel;
  log: Log;
  metrics: Pick<Metrics, 'countAttempts' | 'observeHandover'>;
}

/** A process that was frozen for longer than this after its claim sends nothing: others may have taken over. */
const LAST_START_MS = 15_000;

/**
 * Sends one set of SMS alerts. New ones are sent; doubtful ones, whose attempt may have gone out, are asked
 * about first and sent again only under the same local id. Safe to run twice: what is claimed is not claimed
 * again.
 */
export async function sendSms(deps: SendSmsDependencies, queue: OutboxQueue, ids: string[]): Promise<void> {
  if (await handBackWhileShut(deps.db, 'sms', ids)) return;
  const alerts = createAlerts(deps.db, 'sms');
  const lastStart = Date.now() + LAST_START_MS;
  const fresh = await alerts.claim(queue, ids);
  await settle(deps, fresh, await send(deps, fresh, lastStart));
  const rest = notWhollyClaimed(ids, fresh);
  if (rest.length === 0) return;

  const doubtful = await alerts.claimDoubtful(queue, rest);
  await resolveDoubt(deps, doubtful, Date.now() + LAST_START_MS);
  await alerts.expire(queue, rest);
  await alerts.release(queue, rest);
}

async function send(
  deps: SendSmsDependencies,
  claimed: ClaimedAlert[],
  lastStart: number,
): Promise<SendOutcome[]> {
  if (claimed.length === 0) return [];
  if (Date.now() > lastStart) return claimed.map(() => tooLate);
  const messages = claimed.map(({ attemptId, address, text }) => ({
    localId: attemptId,
    mobile: address,
    text,
  }));
  try {
    return await deps.sms.send(messages);
  } catch (error) {
    if (!(error instanceof ChannelClosed)) throw error;
    await shutChannel(deps.db, deps.log, 'sms', error);
    const { providerCode, reason } = error;
    return claimed.map(() => ({ outcome: 'not_sent', code: providerCode, detail: reason }));
  }
}

/** Asks the provider which of these it has; the others are sent again under the same local id. */
async function resolveDoubt(
  deps: SendSmsDependencies,
  doubtful: ClaimedAlert[],
  lastStart: number,
): Promise<void> {
  if (doubtful.length === 0) return;
  let known: Map<string, string>;
  try {
    known = await deps.sms.lookUp(doubtful.map(({ attemptId }) => attemptId));
  } catch (error) {
    if (error instanceof ChannelClosed) await shutChannel(deps.db, deps.log, 'sms', error);
    await settle(
      deps,
      doubtful,
      doubtful.map(() => stillUnknown),
    );
    return;
  }
  const found = doubtful.filter(({ attemptId }) => known.has(attemptId));
  await settle(
    deps,
    found,
    found.map(({ attemptId }) => ({
      outcome: 'accepted',
      providerMessageId: known.get(attemptId) as string,
      code: '200',
      parts: null,
      cost: null,
    })),
  );
  const missing = doubtful.filter(({ attemptId }) => !known.has(attemptId));
  const mayRepeat = ({ attemptAge, secondsToLive }: ClaimedAlert) =>
    attemptAge < LOOK_UP_WINDOW_SECONDS && secondsToLive > 0;
  const tooOld = missing.filter((alert) => !mayRepeat(alert));
  await settle(
    deps,
    tooOld,
    tooOld.map(() => stillUnknown),
  );
  const repeated = missing.filter(mayRepeat);
  await settle(deps, repeated, (await send(deps, repeated, lastStart)).map(stillInDoubt));
}

const tooLate: SendOutcome = { outcome: 'not_sent', code: 'deadline', detail: 'no time was left to send it' };

const stillUnknown: SendOutcome = {
  outcome: 'unknown',
  code: 'not_known',
  detail: 'the provider could not tell',
};

/**
 * A repeat that did not get through leaves its attempt as doubtful as it was: the first one may be on its way
 * still, and only their common local id keeps the two from becoming two messages.
 */
const stillInDoubt = (result: SendOutcome): SendOutcome =>
  result.outcome === 'not_sent' || result.outcome === 'try_later'
    ? { ...result, outcome: 'unknown' }
    : result;

async function settle(
  deps: SendSmsDependencies,
  claimed: ClaimedAlert[],
  results: SendOutcome[],
): Promise<void> {
  const settlements: Settlement[] = claimed.map((alert, i) => {
    const result = results[i] as SendOutcome;
    return {
      alert,
      result,
      decision: decideAfterSend(result, { ...alert, channel: 'sms', onUnknownEmail: 'park' }),
    };
  });
  await createAlerts(deps.db, 'sms').settle(deps.sms.provider, settlements);
  countAttempts(deps.metrics, 'sms', settlements);
}
