import { createLanePauses } from '../channels/lane-pauses';
import { createLines } from '../channels/lines';
import type { Queryable } from '../platform/database';
import type { Channel, Lane } from '../platform/queues';
import { statement } from '../platform/statement';

const LOCK_LINE_RATE = statement<{ perSecond: number | null }>(
  'lock-line-rate',
  'SELECT per_second AS "perSecond" FROM lines WHERE name = :name FOR UPDATE',
  { perSecond: 'int4?' },
);

/** Pauses lanes of a channel. @returns how many were not paused already */
export async function pauseLanes(
  trx: Queryable,
  channel: Channel,
  lanes: readonly Lane[],
  { operator, reason }: { operator: string; reason: string },
): Promise<number> {
  let paused = 0;
  for (const lane of lanes) {
    if (await createLanePauses(trx).pause(channel, lane, operator, reason)) paused += 1;
  }
  return paused;
}

/** Resumes lanes of a channel. @returns how many were paused */
export async function resumeLanes(trx: Queryable, channel: Channel, lanes: readonly Lane[]): Promise<number> {
  let resumed = 0;
  for (const lane of lanes) {
    if (await createLanePauses(trx).resume(channel, lane)) resumed += 1;
  }
  return resumed;
}

/**
 * Changes how many messages a second a line may send, unless another operator changed the rate meanwhile.
 *
 * @param seen the rate the operator saw; null for none
 * @returns 1, or 0 when the rate is another one by now
 */
export async function changeRate(
  trx: Queryable,
  line: string,
  seen: number | null,
  perSecond: number | null,
): Promise<number> {
  const [found] = await trx.query(LOCK_LINE_RATE, { name: line });
  if (!found || found.perSecond !== seen) return 0;
  return (await createLines(trx).setRate(line, perSecond)) ? 1 : 0;
}
