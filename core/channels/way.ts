import type { Queryable } from '../platform/database';
import type { Lane } from '../platform/queues';
import { type CallTally, createLineBreaker } from './line-breaker';
import { createLineRate } from './line-rate';
import type { LineCondition } from './lines';

/** A line of this process. */
export interface OwnLine {
  readonly line: string;
  /** Its share beside those of the other lines of the channel. */
  readonly weight: number;
}

/** By which line a set goes, and how much of it. */
export interface Way {
  line: string;
  /** How many messages may go now; Infinity without a limit. */
  limit: number;
  /** The token of a probe, when this one message decides whether the line works again. */
  probe: string | null;
  /** Whether the last call over it failed, so that success is worth writing down. */
  failing: boolean;
}

/** Whether a line can be used just so, without a probe. */
export const isUsable = ({ health }: LineCondition): boolean => health === 'well' || health === 'failing';

/**
 * Chooses among our lines that are usable, by their weights, and takes room for the set where the line has a
 * rate. A line that broke and is due for a probe comes first: one message goes by it.
 *
 * @param conditions how all lines of the channel fare
 * @param count how many messages of the set wait; asked only where there is a rate
 * @param random from 0 to 1
 * @returns null when nothing may go now
 */
export async function findWay(
  db: Queryable,
  conditions: LineCondition[],
  ours: readonly OwnLine[],
  lane: Lane,
  count: () => Promise<number>,
  random: () => number = Math.random,
): Promise<Way | null> {
  const weightOf = new Map(ours.map(({ line, weight }) => [line, weight]));
  const known = conditions.filter(({ name }) => weightOf.has(name));
  for (const { name, limited } of known.filter(({ health }) => health === 'probe')) {
    if (limited && (await createLineRate(db).take(name, lane, 1)) === 0) continue;
    const probe = await createLineBreaker(db).takeProbe(name);
    if (probe) return { line: name, limit: 1, probe, failing: false };
  }
  let left = known.filter(isUsable);
  while (left.length > 0) {
    const chosen = pick(left, ({ name }) => weightOf.get(name) as number, random());
    const limit = chosen.limited
      ? await roomOf(db, chosen.name, lane, await count())
      : Number.POSITIVE_INFINITY;
    if (limit > 0) return { line: chosen.name, limit, probe: null, failing: chosen.health === 'failing' };
    left = left.filter((line) => line !== chosen);
  }
  return null;
}

/** A set in which nothing waits may still hold alerts to be asked about: those need no room. */
const roomOf = async (db: Queryable, line: string, lane: Lane, wanted: number): Promise<number> =>
  wanted === 0 ? Number.POSITIVE_INFINITY : createLineRate(db).take(line, lane, wanted);

function pick<T>(items: T[], weightOf: (item: T) => number, random: number): T {
  let left = random * items.reduce((sum, item) => sum + weightOf(item), 0);
  for (const item of items) {
    left -= weightOf(item);
    if (left < 0) return item;
  }
  return items[0] as T;
}

/** Things by the line they went by. */
export function byLine<T extends { line: string }>(items: T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(item.line);
    if (group) group.push(item);
    else groups.set(item.line, [item]);
  }
  return groups;
}

/** Notes what the calls of a set came to. Returns what that made of the line, if it changed. */
export async function noteCalls(
  db: Queryable,
  way: Way,
  tally: CallTally,
): Promise<'broken' | 'mended' | null> {
  const breaker = createLineBreaker(db);
  const { line, probe, failing } = way;
  const called = tally.answered || tally.failed > 0;
  if (probe && called) {
    const works = tally.failed === 0;
    return (await breaker.endProbe(line, probe, works)) && works ? 'mended' : null;
  }
  if (probe) await breaker.returnProbe(line, probe);
  else if (tally.failed > 0 || (failing && tally.answered))
    return (await breaker.note(line, tally)) ? 'broken' : null;
  return null;
}
