import { isUsable, type LineChoice, recordCalls } from '../core/channels/choose-line';
import type { CallStats } from '../core/channels/circuit-breaker';
import { createLines, type LineHealth } from '../core/channels/lines';
import type { ChannelClosed } from '../core/channels/outcomes';
import type { Queryable } from '../core/platform/database';
import type { Log } from '../core/platform/log';
import { createOutbox } from '../core/platform/outbox';

/**
 * Disables a line whose provider refused the account, and logs an error for a person: once, not for every set. Callers settle
 * the outcomes first.
 */
export async function disableLine(
  db: Queryable,
  log: Log,
  line: string,
  cause: ChannelClosed,
): Promise<void> {
  const { providerCode, reason, reopensByItself } = cause;
  const state = reopensByItself ? 'paused' : 'closed';
  const hasChanged = await createLines(db).disable(line, state, providerCode, reason);
  if (hasChanged)
    log.error({ line, code: providerCode, reason, opensByItself: reopensByItself }, 'line shut');
}

/** Seconds until the relay publishes work again for which this process has no usable line. */
const RECHECK_SECONDS = 1;

/**
 * Puts back work that cannot go now. Work that only waits for the rate of a line stays first in its queue: the relay publishes
 * it once there is capacity.
 */
export async function waitForLine(
  db: Queryable,
  health: LineHealth[],
  lines: readonly { line: string }[],
  ids: string[],
): Promise<void> {
  const isOurs = ({ name }: LineHealth) => lines.some(({ line }) => line === name);
  const outbox = createOutbox(db);
  const waitsForRate = health.some((line) => isOurs(line) && isUsable(line));
  if (waitsForRate) await outbox.requeueFirst(ids);
  else await outbox.retryLater(ids, RECHECK_SECONDS);
}

/** Records the calls of a set in the circuit breaker, and logs what that changed. Callers settle the outcomes first. */
export async function updateCircuit(
  db: Queryable,
  log: Log,
  choice: LineChoice,
  stats: CallStats,
): Promise<void> {
  const { line } = choice;
  const change = await recordCalls(db, choice, stats);
  if (change === 'tripped')
    log.warn({ line }, 'line broken: its calls fail, so it is left alone for a while');
  if (change === 'recovered') log.info({ line }, 'line works again');
}
