import { chooseLine } from '../core/channels/choose-line';
import {
  type CallStats,
  callStats,
  mergeStats,
  NO_CALLS,
  ONE_ANSWERED,
} from '../core/channels/circuit-breaker';
import { createLines } from '../core/channels/lines';
import { ChannelClosed, type SendOutcome } from '../core/channels/outcomes';
import type { CodeMessage, SmsChannel } from '../core/channels/sms-channel';
import type { Database } from '../core/platform/database';
import type { Log } from '../core/platform/log';
import type { Metrics } from '../core/platform/metrics';
import { retryWhileUnavailable } from '../core/platform/retry-while-unavailable';
import { type ClaimedCode, createCodeDispatch } from '../core/sessions/code-dispatch';
import type { createCodeSecrets } from '../core/sessions/code-secrets';
import { disableLine, updateCircuit, waitForLine } from './disable-line';

export interface SendLoginCodeDependencies {
  db: Database;
  lines: readonly CodeLine[];
  secrets: Pick<ReturnType<typeof createCodeSecrets>, 'open'>;
  /** A last line the operator of the line asks for. */
  suffix: string;
  log: Log;
  metrics: Pick<Metrics, 'countAttempts'>;
}

type CodeLine = Pick<SmsChannel, 'line' | 'weight' | 'sendCode' | 'codesRepeatSafely'>;

/** Somebody is waiting: a code that did not leave is tried again this soon. */
const RETRY_SECONDS = 2;

/**
 * Sends login codes by one of the lines that are usable, all of a set at once. Safe to run twice: what is claimed is not claimed again. Codes for
 * IDs nobody has end here, and nobody hears of it.
 */
export async function sendLoginCode(deps: SendLoginCodeDependencies, ids: string[]): Promise<void> {
  const { db, lines, log } = deps;
  const conditions = await createLines(db).lineHealth('sms', null);
  const way = await chooseLine(db, conditions, lines, 'urgent', async () => ids.length);
  const now = way ? ids.slice(0, way.limit) : [];
  const later = ids.slice(now.length);
  if (later.length > 0) await waitForLine(db, conditions, lines, later);
  if (!way) return;

  const sms = lines.find(({ line }) => line === way.line) as CodeLine;
  const claimed = await createCodeDispatch(db).claim(now);
  const sent = await Promise.all(claimed.map((code) => send(deps, sms, code)));
  const outcomes = sent.map(({ outcome }) => outcome);
  const isBack = (i: number) => ['not_sent', 'try_later'].includes(outcomes[i]?.outcome as string);
  const back = claimed.filter((_, i) => isBack(i));
  const dispatch = createCodeDispatch(retryWhileUnavailable(db));
  const settled = claimed.map((code, i) => ({ ...code, providerMessageId: messageIdOf(outcomes[i]) }));
  await dispatch.settle(settled.filter((_, i) => !isBack(i)));
  await dispatch.unclaim(back, RETRY_SECONDS);
  const closed = sent.find((one) => one.closed)?.closed;
  if (closed) await disableLine(db, log, way.line, closed);
  await updateCircuit(
    db,
    log,
    way,
    sent.reduce((sum, { stats }) => mergeStats(sum, stats), NO_CALLS),
  );
  const seen = new Set(claimed.map(({ outboxId }) => outboxId));
  await dispatch.dropUnsendable(now.filter((id) => !seen.has(id)));
}

const messageIdOf = (outcome: SendOutcome | undefined): string | null =>
  outcome?.outcome === 'accepted' ? outcome.providerMessageId : null;

/** What became of one code, what its calls came to, and why the line must be shut if the account was refused. */
interface SentCode {
  outcome: SendOutcome;
  stats: CallStats;
  closed?: ChannelClosed;
}

async function send(deps: SendLoginCodeDependencies, sms: CodeLine, claimed: ClaimedCode): Promise<SentCode> {
  const { suffix, log, metrics } = deps;
  const { localId, mobile, id } = claimed;
  const code = openCode(deps, claimed);
  if (code === null) return { outcome: unreadable, stats: NO_CALLS };
  const message = { localId, mobile, code, text: wordCode(code, suffix) };
  const first = await attempt(sms, message);
  const again = first.outcome.outcome === 'unknown' && sms.codesRepeatSafely;
  const last = again ? await attempt(sms, message) : first;
  metrics.countAttempts('sms', 'login', last.outcome.outcome, 1);
  if (last.outcome.outcome === 'rejected')
    log.error(
      { loginCode: id, code: last.outcome.code, reason: last.outcome.detail },
      'login code refused by the provider',
    );
  // After an unknown outcome a certain "not sent" says nothing about the first try.
  return {
    outcome: again && last.outcome.outcome !== 'accepted' ? first.outcome : last.outcome,
    stats: again ? mergeStats(first.stats, last.stats) : last.stats,
    ...(last.closed && { closed: last.closed }),
  };
}

const unreadable = {
  outcome: 'rejected',
  code: 'unreadable',
  detail: 'the code was not sealed with a key of this process',
} as const satisfies SendOutcome;

/** A code nobody can read is no reason to forget what became of the others of its set. */
function openCode({ secrets, log }: SendLoginCodeDependencies, { id, sealed }: ClaimedCode): string | null {
  try {
    return secrets.open(sealed);
  } catch {
    log.error({ loginCode: id, reason: unreadable.detail }, 'login code cannot be read');
    return null;
  }
}

async function attempt(sms: CodeLine, message: CodeMessage): Promise<SentCode> {
  try {
    const outcome = await sms.sendCode(message);
    return { outcome, stats: callStats([outcome]) };
  } catch (error) {
    if (!(error instanceof ChannelClosed)) throw error;
    const { providerCode, reason } = error;
    const outcome: SendOutcome = { outcome: 'not_sent', code: providerCode, detail: reason };
    return { outcome, stats: ONE_ANSWERED, closed: error };
  }
}

/** One part of an SMS; the digits in ASCII, so that phones offer to fill them in. */
const wordCode = (code: string, suffix: string): string =>
  [`کد ورود شما به سامانه ابلاغ: ${code}`, 'این کد را به هیچ‌کس ندهید.', suffix].filter(Boolean).join('\n');
