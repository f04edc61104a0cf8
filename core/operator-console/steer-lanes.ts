import { createLanePauses } from '../channels/lane-pauses';
import { createLines } from '../channels/lines';
import type { Queryable } from '../platform/database';
import type { Channel, Lane } from '../platform/queues';

/** Holds lanes of a channel back. @returns how many were not held back already */
export async function pauseLanes(
  trx: Queryable,
  channel: Channel,
  lanes: readonly Lane[],
  operator: string,
  reason: string,
): Promise<number> {
  let paused = 0;
  for (const lane of lanes) {
    if (await createLanePauses(trx).pause(channel, lane, operator, reason)) paused += 1;
  }
  return paused;
}

/** Lets lanes of a channel go on. @returns how many were held back */
export async function resumeLanes(trx: Queryable, channel: Channel, lanes: readonly Lane[]): Promise<number> {
  let resumed = 0;
  for (const lane of lanes) {
    if (await createLanePauses(trx).resume(channel, lane)) resumed += 1;
  }
  return resumed;
}

/**
 * Changes how many messages a second a line may send, unless somebody else changed it since it was looked at.
 *
 * @param seen the rate that was seen; null for none
 * @returns 1, or 0 when it was another one by now
 */
export async function changeRate(
  trx: Queryable,
  line: string,
  seen: number | null,
  perSecond: number | null,
): Promise<number> {
  const [found] = await trx.query<{ perSecond: number | null }>(
    'SELECT per_second AS "perSecond" FROM lines WHERE name = $1 FOR UPDATE',
    [line],
  );
  if (!found || found.perSecond !== seen) return 0;
  return (await createLines(trx).setRate(line, perSecond)) ? 1 : 0;
}
