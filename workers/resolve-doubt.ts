import type { ClaimedAlert } from '../core/alerts/claims';
import { LOOK_UP_WINDOW_SECONDS, lostOnTheWay } from '../core/alerts/decide';
import { ANSWERED, addUp, NO_CALLS, ONE_FAILED } from '../core/channels/line-breaker';
import { createLineRate } from '../core/channels/line-rate';
import type { LineCondition } from '../core/channels/lines';
import { ChannelClosed, type SendOutcome } from '../core/channels/outcomes';
import type { SmsChannel } from '../core/channels/sms-channel';
import { byLine, isUsable, type Way } from '../core/channels/way';
import type { Lane } from '../core/platform/queues';
import { noteHealth } from './shut-line';
import { allOf, LAST_START_MS, type SendSmsDependencies, sendSet, settleCalls, settleSet } from './sms-set';

/**
 * Looks into alerts whose attempt may or may not have gone out. Only the line it went by can tell, and only
 * there its number keeps a repeat from becoming a second message: as long as that line cannot be used, or is
 * gone, they stay unknown.
 *
 * @param unused the way of the set where nothing went by it; if it is a probe, asking over that line is one too
 */
export async function resolveDoubt(
  deps: SendSmsDependencies,
  conditions: LineCondition[],
  unused: Way | null,
  lane: Lane,
  doubtful: ClaimedAlert[],
): Promise<void> {
  const probe = unused?.probe ? unused : null;
  let probed = false;
  for (const [line, alerts] of byLine(doubtful)) {
    const lost = alerts.filter(({ byTemplate }) => byTemplate);
    if (lost.length > 0) await settleSet(deps, line, allOf(lost, lostOnTheWay));
    const askable = alerts.filter(({ byTemplate }) => !byTemplate);
    const sms = deps.lines.find((own) => own.line === line);
    const condition = conditions.find(({ name }) => name === line);
    if (askable.length === 0) continue;
    if (sms && probe?.line === line) {
      probed = true;
      await ask(deps, sms, probe, askable, () => Promise.resolve(0));
    } else if (sms && condition && isUsable(condition)) {
      const room = (wanted: number) => roomFor(deps, condition, lane, wanted);
      await ask(deps, sms, wayOf(condition), askable, room);
    } else await settleSet(deps, line, allOf(askable, lineIsOut));
  }
  if (probe && !probed) await noteHealth(deps.db, deps.log, probe, NO_CALLS);
}

const wayOf = ({ name, health }: LineCondition): Way => ({
  line: name,
  limit: Number.POSITIVE_INFINITY,
  probe: null,
  failing: health === 'failing',
});

/** Repeats need room at the rate of the line like any message. */
const roomFor = async (
  { db }: SendSmsDependencies,
  { name, limited }: LineCondition,
  lane: Lane,
  wanted: number,
): Promise<number> => (limited && wanted > 0 ? createLineRate(db).take(name, lane, wanted) : wanted);

/**
 * Asks the provider which of these it has; the others are sent again under the same local id, as many as there
 * is room for.
 */
async function ask(
  deps: SendSmsDependencies,
  sms: SmsChannel,
  way: Way,
  doubtful: ClaimedAlert[],
  room: (wanted: number) => Promise<number>,
): Promise<void> {
  const { line } = sms;
  const lastStart = Date.now() + LAST_START_MS;
  let known: Map<string, string>;
  try {
    known = await sms.lookUp(doubtful.map(({ attemptId }) => attemptId));
  } catch (error) {
    const sent = allOf(doubtful, stillUnknown);
    if (!(error instanceof ChannelClosed)) return settleCalls(deps, way, { sent, tally: ONE_FAILED });
    return settleCalls(deps, way, { sent, tally: ANSWERED, closed: error });
  }
  const found = doubtful.filter(({ attemptId }) => known.has(attemptId));
  const missing = doubtful.filter(({ attemptId }) => !known.has(attemptId));
  const repeatable = missing.filter(mayRepeat);
  const repeated = repeatable.slice(0, await room(repeatable.length));
  const left = missing.filter((alert) => !repeated.includes(alert));
  await settleSet(deps, line, [
    ...found.map((alert) => ({ alert, result: acceptedAs(known.get(alert.attemptId) as string) })),
    ...allOf(left, stillUnknown),
  ]);
  const calls = await sendSet(sms, repeated, lastStart);
  const sent = calls.sent.map(({ alert, result }) => ({ alert, result: stillInDoubt(result) }));
  await settleCalls(deps, way, { ...calls, sent, tally: addUp(ANSWERED, calls.tally) });
}

const mayRepeat = ({ attemptAge, secondsToLive }: ClaimedAlert) =>
  attemptAge < LOOK_UP_WINDOW_SECONDS && secondsToLive > 0;

const acceptedAs = (providerMessageId: string): SendOutcome => ({
  outcome: 'accepted',
  providerMessageId,
  code: '200',
  parts: null,
  cost: null,
});

const lineIsOut: SendOutcome = {
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
const stillInDoubt = (result: SendOutcome): SendOutcome =>
  result.outcome === 'not_sent' || result.outcome === 'try_later'
    ? { ...result, outcome: 'unknown' }
    : result;
