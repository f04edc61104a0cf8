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

/**
 * Looks into alerts whose attempt may or may not have gone out. Only the line it went by can tell, and only
 * there its number keeps a repeat from becoming a second message: as long as that line cannot be used, or is
 * gone, they stay unknown.
 *
 * @param unused the way of the set where nothing went by it; if it is a probe, asking over that line is one too
 */
export async function reconcileUnknown(
  deps: SendSmsDependencies,
  conditions: LineHealth[],
  unused: LineChoice | null,
  lane: Lane,
  doubtful: ClaimedAlert[],
): Promise<void> {
  const probe = unused?.probe ? unused : null;
  let probed = false;
  for (const [line, alerts] of groupByLine(doubtful)) {
    const lost = alerts.filter(({ byTemplate }) => byTemplate);
    if (lost.length > 0) await settleSet(deps, line, withSameResult(lost, workerLost));
    const askable = alerts.filter(({ byTemplate }) => !byTemplate);
    const sms = deps.lines.find((own) => own.line === line);
    const condition = conditions.find(({ name }) => name === line);
    if (askable.length === 0) continue;
    if (sms && probe?.line === line) {
      probed = true;
      await askProvider(deps, sms, probe, askable, () => Promise.resolve(0));
    } else if (sms && condition && isUsable(condition)) {
      const room = (wanted: number) => acquireCapacity(deps, condition, lane, wanted);
      await askProvider(deps, sms, lineChoiceOf(condition), askable, room);
    } else await settleSet(deps, line, withSameResult(askable, lineUnavailable));
  }
  if (probe && !probed) await updateCircuit(deps.db, deps.log, probe, NO_CALLS);
}

const lineChoiceOf = ({ name, health }: LineHealth): LineChoice => ({
  line: name,
  limit: Number.POSITIVE_INFINITY,
  probe: null,
  failing: health === 'failing',
});

/** Repeats need room at the rate of the line like any message. */
const acquireCapacity = async (
  { db }: SendSmsDependencies,
  { name, limited }: LineHealth,
  lane: Lane,
  wanted: number,
): Promise<number> => (limited && wanted > 0 ? createRateLimit(db).acquire(name, lane, wanted) : wanted);

/**
 * Asks the provider which of these it has; the others are sent again under the same local id, as many as there
 * is room for.
 */
async function askProvider(
  deps: SendSmsDependencies,
  sms: SmsChannel,
  way: LineChoice,
  doubtful: ClaimedAlert[],
  room: (wanted: number) => Promise<number>,
): Promise<void> {
  const { line } = sms;
  const lastStart = Date.now() + START_WITHIN_MS;
  let known: Map<string, string>;
  try {
    known = await sms.lookUp(doubtful.map(({ attemptId }) => attemptId));
  } catch (error) {
    const sent = withSameResult(doubtful, stillUnknown);
    if (!(error instanceof ChannelClosed)) return settleCalls(deps, way, { sent, stats: ONE_FAILED });
    return settleCalls(deps, way, { sent, stats: ONE_ANSWERED, closed: error });
  }
  const found = doubtful.filter(({ attemptId }) => known.has(attemptId));
  const missing = doubtful.filter(({ attemptId }) => !known.has(attemptId));
  const repeatable = missing.filter(mayRepeat);
  const repeated = repeatable.slice(0, await room(repeatable.length));
  const left = missing.filter((alert) => !repeated.includes(alert));
  await settleSet(deps, line, [
    ...found.map((alert) => ({ alert, result: acceptedAs(known.get(alert.attemptId) as string) })),
    ...withSameResult(left, stillUnknown),
  ]);
  const calls = await sendSet(sms, repeated, lastStart);
  const sent = calls.sent.map(({ alert, result }) => ({ alert, result: keepUnknown(result) }));
  await settleCalls(deps, way, { ...calls, sent, stats: mergeStats(ONE_ANSWERED, calls.stats) });
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
 * A repeat that did not get through leaves its attempt as doubtful as it was: the first one may be on its way
 * still, and only their common local id keeps the two from becoming two messages.
 */
const keepUnknown = (result: SendOutcome): SendOutcome =>
  result.outcome === 'not_sent' || result.outcome === 'try_later'
    ? { ...result, outcome: 'unknown' }
    : result;
