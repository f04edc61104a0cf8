import type { ClaimedAlert } from '../../core/alerts/claims';
import { LOOK_UP_WINDOW_SECONDS, workerLost } from '../../core/alerts/decide-after-send';
import { groupByLine, isUsable, type LineChoice } from '../../core/channels/choose-line';
import { mergeStats, NO_CALLS, ONE_ANSWERED, ONE_FAILED } from '../../core/channels/circuit-breaker';
import type { LineHealth } from '../../core/channels/lines';
import { ChannelClosed, type SendOutcome } from '../../core/channels/outcomes';
import { createRateLimit } from '../../core/channels/rate-limit';
import type { SmsChannel } from '../../core/channels/sms-channel';
import type { Lane } from '../../core/platform/queues';
import { updateCircuit } from '../disable-line';
import {
  type SendSmsDependencies,
  START_WITHIN_MS,
  sendSet,
  settleCalls,
  settleSet,
  withSameResult,
} from './sms-set';

/** The state of the lines when a set was claimed. */
export interface LineSituation {
  health: LineHealth[];
  /** The line that was chosen for the set, where no message went by it. If it is a probe, a look-up over that line is one too. */
  unused: LineChoice | null;
  lane: Lane;
}

/**
 * Looks up alerts whose attempt may or may not have gone out. Only the line the attempt went by can tell, and only there its
 * number keeps a repeat from becoming a second message: while that line cannot be used, or is gone, they stay unknown.
 */
export async function reconcileUnknown(
  deps: SendSmsDependencies,
  situation: LineSituation,
  inDoubt: ClaimedAlert[],
): Promise<void> {
  const probe = situation.unused?.probe ? situation.unused : null;
  let isProbed = false;
  for (const [line, alerts] of groupByLine(inDoubt)) {
    const templates = alerts.filter(({ byTemplate }) => byTemplate);
    if (templates.length > 0) await settleSet(deps, line, withSameResult(templates, workerLost));
    const texts = alerts.filter(({ byTemplate }) => !byTemplate);
    if (texts.length === 0) continue;
    const lookUp = findLookUp(deps, situation, line);
    if (!lookUp) {
      await settleSet(deps, line, withSameResult(texts, lineUnavailable));
      continue;
    }
    if (lookUp.choice === probe) isProbed = true;
    await lookUpAndRepeat(deps, lookUp, texts);
  }
  if (probe && !isProbed) await updateCircuit(deps.db, deps.log, probe, NO_CALLS);
}

/** A way to look up the alerts of one line. */
interface LookUp {
  sms: SmsChannel;
  choice: LineChoice;
  /** Acquires capacity for repeats. Returns for how many there is some. */
  acquire(wanted: number): Promise<number>;
}

/** Finds how alerts of a line can be looked up; null while the line cannot be used, or is not one of this process. */
function findLookUp(deps: SendSmsDependencies, situation: LineSituation, line: string): LookUp | null {
  const { health, unused, lane } = situation;
  const sms = deps.lines.find((own) => own.line === line);
  if (!sms) return null;
  if (unused?.probe && unused.line === line) return { sms, choice: unused, acquire: async () => 0 };
  const known = health.find(({ name }) => name === line);
  if (!known || !isUsable(known)) return null;
  const choice = { line, limit: Number.POSITIVE_INFINITY, probe: null, failing: known.status === 'failing' };
  const acquire = async (wanted: number) =>
    known.limited && wanted > 0 ? createRateLimit(deps.db).acquire(line, lane, wanted) : wanted;
  return { sms, choice, acquire };
}

/**
 * Asks the provider which of these messages it has. The others are sent again under the same local id, as many as there is
 * capacity for.
 */
async function lookUpAndRepeat(
  deps: SendSmsDependencies,
  { sms, choice, acquire }: LookUp,
  inDoubt: ClaimedAlert[],
): Promise<void> {
  const startUntil = Date.now() + START_WITHIN_MS;
  let known: Map<string, string>;
  try {
    known = await sms.lookUp(inDoubt.map(({ attemptId }) => attemptId));
  } catch (error) {
    const sent = withSameResult(inDoubt, stillUnknown);
    if (!(error instanceof ChannelClosed)) return settleCalls(deps, choice, { sent, stats: ONE_FAILED });
    return settleCalls(deps, choice, { sent, stats: ONE_ANSWERED, closed: error });
  }
  const found = inDoubt.filter(({ attemptId }) => known.has(attemptId));
  const missing = inDoubt.filter(({ attemptId }) => !known.has(attemptId));
  const repeatable = missing.filter(mayRepeat);
  const repeated = repeatable.slice(0, await acquire(repeatable.length));
  const left = missing.filter((alert) => !repeated.includes(alert));
  await settleSet(deps, sms.line, [
    ...found.map((alert) => ({ alert, result: acceptedAs(known.get(alert.attemptId) as string) })),
    ...withSameResult(left, stillUnknown),
  ]);
  const calls = await sendSet(sms, repeated, startUntil);
  const sent = calls.sent.map(({ alert, result }) => ({ alert, result: keepUnknown(result) }));
  await settleCalls(deps, choice, { ...calls, sent, stats: mergeStats(ONE_ANSWERED, calls.stats) });
}

const mayRepeat = ({ attemptAgeSeconds, secondsToLive }: ClaimedAlert) =>
  attemptAgeSeconds < LOOK_UP_WINDOW_SECONDS && secondsToLive > 0;

const acceptedAs = (providerMessageId: string): SendOutcome => ({
  outcome: 'accepted',
  providerMessageId,
  code: '200',
  parts: null,
  cost: null,
});

const lineUnavailable: SendOutcome = {
  outcome: 'unknown',
  code: 'line_out',
  detail: 'the line it went by cannot be asked now',
};

const stillUnknown: SendOutcome = {
  outcome: 'unknown',
  code: 'not_known',
  detail: 'the provider could not tell',
};

/**
 * A repeat that did not get through leaves its attempt unknown: the first message may still be on its way, and only the local id
 * that both have keeps them from becoming two messages.
 */
const keepUnknown = (result: SendOutcome): SendOutcome =>
  result.outcome === 'not_sent' || result.outcome === 'try_later'
    ? { ...result, outcome: 'unknown' }
    : result;
