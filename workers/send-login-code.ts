import { ChannelClosed, type SendOutcome } from '../core/channels/outcomes';
import type { SmsChannel } from '../core/channels/sms-channel';
import type { Database } from '../core/platform/database';
import type { Log } from '../core/platform/log';
import type { Metrics } from '../core/platform/metrics';
import { type ClaimedCode, createCodeDispatch } from '../core/sessions/code-dispatch';
import type { createCodeSecrets } from '../core/sessions/code-secrets';
import { shutChannel } from './shut-channel';

export interface SendLoginCodeDependencies {
  db: Database;
  sms: Pick<SmsChannel, 'sendCode' | 'codesRepeatSafely'>;
  secrets: Pick<ReturnType<typeof createCodeSecrets>, 'open'>;
  /** A last line the operator of the line asks for. */
  suffix: string;
  log: Log;
  metrics: Pick<Metrics, 'countAttempts'>;
}

/** Somebody is waiting: a code that did not leave is tried again this soon. */
const RETRY_SECONDS = 2;

/**
 * Sends login codes, all of a set at once. Safe to run twice: what is claimed is not claimed again. Codes for
 * IDs nobody has end here, and nobody hears of it.
 */
export async function sendLoginCode(deps: SendLoginCodeDependencies, ids: string[]): Promise<void> {
  const dispatch = createCodeDispatch(deps.db);
  const claimed = await dispatch.claim(ids);
  const outcomes = await Promise.all(claimed.map((code) => send(deps, code)));
  const isBack = (i: number) => ['not_sent', 'try_later'].includes(outcomes[i]?.outcome as string);
  const back = claimed.filter((_, i) => isBack(i));
  await dispatch.settle(claimed.filter((_, i) => !isBack(i)));
  await dispatch.giveBack(back, RETRY_SECONDS);
  const seen = new Set(claimed.map(({ outboxId }) => outboxId));
  await dispatch.drop(ids.filter((id) => !seen.has(id)));
}

async function send(deps: SendLoginCodeDependencies, claimed: ClaimedCode): Promise<SendOutcome> {
  const { sms, secrets, suffix, log, metrics } = deps;
  const { localId, mobile, sealed, id } = claimed;
  const code = secrets.open(sealed);
  const message = { localId, mobile, code, text: wordCode(code, suffix) };
  const result = await attempt(deps, () => sms.sendCode(message));
  const again = result.outcome === 'unknown' && sms.codesRepeatSafely;
  const last = again ? await attempt(deps, () => sms.sendCode(message)) : result;
  metrics.countAttempts('sms', 'urgent', last.outcome, 1);
  if (last.outcome === 'rejected')
    log.error({ loginCode: id, code: last.code, reason: last.detail }, 'login code refused by the provider');
  // After an unknown outcome a certain "not sent" says nothing about the first try.
  return again && last.outcome !== 'accepted' ? result : last;
}

async function attempt(
  { db, log }: SendLoginCodeDependencies,
  sendOne: () => Promise<SendOutcome>,
): Promise<SendOutcome> {
  try {
    return await sendOne();
  } catch (error) {
    if (!(error instanceof ChannelClosed)) throw error;
    await shutChannel(db, log, 'sms', error);
    return { outcome: 'not_sent', code: error.providerCode, detail: error.reason };
  }
}

/** One part of an SMS; the digits in ASCII, so that phones offer to fill them in. */
const wordCode = (code: string, suffix: string): string =>
  [`کد ورود شما به سامانه ابلاغ: ${code}`, 'این کد را به هیچ‌کس ندهید.', suffix].filter(Boolean).join('\n');
