import { isUsable, type LineChoice, recordCalls } from '../core/channels/choose-line';
import type { CallStats } from '../core/channels/circuit-breaker';
import { createLines, type LineHealth } from '../core/channels/lines';
import type { ChannelClosed } from '../core/channels/outcomes';
import type { Queryable } from '../core/platform/database';
import type { Log } from '../core/platform/log';
import { createOutbox } from '../core/platform/outbox';

/**
 * Stops a line after the provider refused the account, and tells a person: once, not for every set. To be called
 * once the outcomes are on record.
 */
export async function disableLine(
  db: Queryable,
  log: Log,
  line: string,
  cause: ChannelClosed,
): Promise<void> {
  const { providerCode, reason, reopensByItself } = cause;
  const shut = await createLines(db).disable(
    line,
    reopensByItself ? 'paused' : 'closed',
    providerCode,
    reason,
  );
  if (shut) log.error({ line, code: providerCode, reason, opensByItself: reopensByItself }, 'line shut');
}

/** Seconds until work is looked at again that none of the lines of this process can do. */
const RECHECK_SECONDS = 1;

/**
 * Hands work back that cannot go now. What only has to wait for room at the rate of a line stays next in turn:
 * the relay publishes it once there is some.
 */
export async function waitForLine(
  db: Queryable,
  conditions: LineHealth[],
  ours: readonly { line: string }[],
  ids: string[],
): Promise<void> {
  const isOurs = ({ name }: LineHealth) => ours.some(({ line }) => line === name);
  const outbox = createOutbox(db);
  if (conditions.some((condition) => isOurs(condition) && isUsable(condition)))
    await outbox.requeueFirst(ids);
  else await outbox.retryLater(ids, RECHECK_SECONDS);
}

/**
 * Notes what the calls of a set came to; a line that breaks is left alone for a while. To be called once their
 * outcomes are on record: those must not wait for it.
 */
export async function updateCircuit(
  db: Queryable,
  log: Log,
  way: LineChoice,
  tally: CallStats,
): Promise<void> {
  const { line } = way;
  const change = await recordCalls(db, way, tally);
  if (change === 'broken') log.warn({ line }, 'line broken: its calls fail, so it is left alone for a while');
  if (change === 'mended') log.info({ line }, 'line works again');
}
