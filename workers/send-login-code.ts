import { chooseLine, type LineChoice } from '../core/channels/choose-line';
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
import type { Log } from '../core/platform/log';
import type { Metrics } from '../core/platform/metrics';
import { type ClaimedCode, createCodeDispatch } from '../core/sessions/code-dispatch';
import type { createCodeSecrets } from '../core/sessions/code-secrets';
import { disableLine, updateCircuit, waitForLine } from './disable-line';
import { type SettlementDependencies, settlementDb } from './settlement-db';

export interface SendLoginCodeDependencies extends SettlementDependencies {
  lines: readonly CodeLine[];
  secrets: Pick<ReturnType<typeof createCodeSecrets>, 'open'>;
  /** The last line of the SMS, which the operator of the sender number asks for. */
  suffix: string;
  log: Log;
  metrics: Pick<Metrics, 'countAttempts'>;
}

type CodeLine = Pick<SmsChannel, 'line' | 'weight' | 'sendCode' | 'codesRepeatSafely'>;

/** Seconds until a code that did not leave is tried again: its holder waits in front of a page. */
const RETRY_SECONDS = 2;

/**
 * Sends one set of login codes by one of the usable lines, all at once. Safe to run twice: a code that is claimed is not claimed
 * again. A code for a national ID that no employer has ends here, without a report to anybody.
 */
export async function sendLoginCode(deps: SendLoginCodeDependencies, ids: string[]): Promise<void> {
  const { db, lines } = deps;
  const health = await createLines(db).lineHealth('sms', null);
  const countWaiting = async () => ids.length;
  const choice = await chooseLine(db, { health, lines, lane: 'urgent', countWaiting });
  const now = choice ? ids.slice(0, choice.limit) : [];
  const later = ids.slice(now.length);
  if (later.length > 0) await waitForLine(db, health, lines, later);
  if (!choice) return;

  const claimed = await createCodeDispatch(db).claim(now);
  await sendClaimed(deps, choice, claimed);
  const claimedRows = new Set(claimed.map(({ outboxId }) => outboxId));
  await createCodeDispatch(settlementDb(deps)).dropUnsendable(now.filter((id) => !claimedRows.has(id)));
}

/** Sends claimed codes and settles them; a code that is certain not to have left is tried again. */
async function sendClaimed(
  deps: SendLoginCodeDependencies,
  choice: LineChoice,
  claimed: ClaimedCode[],
): Promise<void> {
  const { db, log } = deps;
  const sms = deps.lines.find(({ line }) => line === choice.line) as CodeLine;
  const sent = await Promise.all(
    claimed.map(async (code) => ({ code, ...(await sendCode(deps, sms, code)) })),
  );
  const hasLeft = ({ outcome: { outcome } }: SentCode) => outcome !== 'not_sent' && outcome !== 'try_later';
  const dispatch = createCodeDispatch(settlementDb(deps));
  await dispatch.settle(
    sent.filter(hasLeft).map(({ code, outcome }) => ({ ...code, providerMessageId: messageIdOf(outcome) })),
  );
  await dispatch.unclaim(
    sent.filter((one) => !hasLeft(one)).map(({ code }) => code),
    RETRY_SECONDS,
  );
  const closed = sent.find((one) => one.closed)?.closed;
  if (closed) await disableLine(db, log, choice.line, closed);
  const stats = sent.reduce((sum, one) => mergeStats(sum, one.stats), NO_CALLS);
  await updateCircuit(db, log, choice, stats);
}

const messageIdOf = (outcome: SendOutcome): string | null =>
  outcome.outcome === 'accepted' ? outcome.providerMessageId : null;

/** The outcome of one code and the results of its calls. */
interface SentCode {
  outcome: SendOutcome;
  stats: CallStats;
  /** The reason to disable the line, if the account was refused. */
  closed?: ChannelClosed;
}

async function sendCode(
  deps: SendLoginCodeDependencies,
  sms: CodeLine,
  claimed: ClaimedCode,
): Promise<SentCode> {
  const { suffix, log, metrics } = deps;
  const { localId, mobile, id } = claimed;
  const code = openCode(deps, claimed);
  if (code === null) return { outcome: unreadable, stats: NO_CALLS };
  const message = { localId, mobile, code, text: composeCodeText(code, suffix) };
  const first = await callProvider(sms, message);
  const isRepeated = first.outcome.outcome === 'unknown' && sms.codesRepeatSafely;
  const last = isRepeated ? await callProvider(sms, message) : first;
  metrics.countAttempts('sms', 'login', last.outcome.outcome, 1);
  if (last.outcome.outcome === 'rejected')
    log.error(
      { loginCode: id, code: last.outcome.code, reason: last.outcome.detail },
      'login code refused by the provider',
    );
  // After an unknown outcome a certain "not sent" says nothing about the first call.
  return {
    outcome: isRepeated && last.outcome.outcome !== 'accepted' ? first.outcome : last.outcome,
    stats: isRepeated ? mergeStats(first.stats, last.stats) : last.stats,
    ...(last.closed && { closed: last.closed }),
  };
}

const unreadable = {
  outcome: 'rejected',
  code: 'unreadable',
  detail: 'the code was not sealed with a key of this process',
} as const satisfies SendOutcome;

/** Opens a sealed code. A code that cannot be opened is logged, so that the outcomes of its set are settled all the same. */
function openCode({ secrets, log }: SendLoginCodeDependencies, { id, sealed }: ClaimedCode): string | null {
  try {
    return secrets.open(sealed);
  } catch {
    log.error({ loginCode: id, reason: unreadable.detail }, 'login code cannot be read');
    return null;
  }
}

async function callProvider(sms: CodeLine, message: CodeMessage): Promise<SentCode> {
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

/** Composes a text of one SMS segment; the digits are ASCII, so that phones offer to fill them in. */
const composeCodeText = (code: string, suffix: string): string =>
  [`کد ورود شما به سامانه ابلاغ: ${code}`, 'این کد را به هیچ‌کس ندهید.', suffix].filter(Boolean).join('\n');
