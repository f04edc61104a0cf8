import type { Queryable } from '../platform/database';
import type { Lane } from '../platform/queues';
import { type CallStats, createCircuitBreaker } from './circuit-breaker';
import type { LineHealth } from './lines';
import { createRateLimit } from './rate-limit';

/** A line of this process. */
export interface ConfiguredLine {
  readonly line: string;
  /** Its share beside those of the other lines of the channel. */
  readonly weight: number;
}

/** By which line a set goes, and how much of it. */
export interface LineChoice {
  line: string;
  /** How many messages may go now; Infinity without a limit. */
  limit: number;
  /** The token of a probe, when this one message decides whether the line works again. */
  probe: string | null;
  /** Whether the last call over it failed, so that success is worth writing down. */
  failing: boolean;
}

/** Whether a line can be used just so, without a probe. */
export const isUsable = ({ health }: LineHealth): boolean => health === 'well' || health === 'failing';

/**
 * Chooses among our lines that are usable, by their weights, and takes room for the set where the line has a
 * rate. A line that broke and is due for a probe comes first: one message goes by it.
 *
 * @param conditions how all lines of the channel fare
 * @param count how many messages of the set wait; asked only where there is a rate
 * @param random from 0 to 1
 * @returns null when nothing may go now
 */
export async function chooseLine(
  db: Queryable,
  conditions: LineHealth[],
  ours: readonly ConfiguredLine[],
  lane: Lane,
  count: () => Promise<number>,
  random: () => number = Math.random,
): Promise<LineChoice | null> {
  const weightOf = new Map(ours.map(({ line, weight }) => [line, weight]));
  const known = conditions.filter(({ name }) => weightOf.has(name));
  for (const { name, limited } of known.filter(({ health }) => health === 'probe')) {
    if (limited && (await createRateLimit(db).acquire(name, lane, 1)) === 0) continue;
    const probe = await createCircuitBreaker(db).takeProbe(name);
    if (probe) return { line: name, limit: 1, probe, failing: false };
  }
  let left = known.filter(isUsable);
  while (left.length > 0) {
    const chosen = pickByWeight(left, ({ name }) => weightOf.get(name) as number, random());
    const limit = chosen.limited
      ? await acquireFor(db, chosen.name, lane, await count())
      : Number.POSITIVE_INFINITY;
    if (limit > 0) return { line: chosen.name, limit, probe: null, failing: chosen.health === 'failing' };
    left = left.filter((line) => line !== chosen);
  }
  return null;
}

/** A set in which nothing waits may still hold alerts to be asked about: those need no room. */
const acquireFor = async (db: Queryable, line: string, lane: Lane, wanted: number): Promise<number> =>
  wanted === 0 ? Number.POSITIVE_INFINITY : createRateLimit(db).acquire(line, lane, wanted);

function pickByWeight<T>(items: T[], weightOf: (item: T) => number, random: number): T {
  let left = random * items.reduce((sum, item) => sum + weightOf(item), 0);
  for (const item of items) {
    left -= weightOf(item);
    if (left < 0) return item;
  }
  return items[0] as T;
}

/** Things by the line they went by. */
export function groupByLine<T extends { line: string }>(items: T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(item.line);
    if (group) group.push(item);
    else groups.set(item.line, [item]);
  }
  return groups;
}

/** Notes what the calls of a set came to. Returns what that made of the line, if it changed. */
export async function recordCalls(
  db: Queryable,
  way: LineChoice,
  tally: CallStats,
): Promise<'broken' | 'mended' | null> {
  const breaker = createCircuitBreaker(db);
  const { line, probe, failing } = way;
  const called = tally.answered || tally.failed > 0;
  if (probe && called) {
    const works = tally.failed === 0;
    return (await breaker.endProbe(line, probe, works)) && works ? 'mended' : null;
  }
  if (probe) await breaker.releaseProbe(line, probe);
  else if (tally.failed > 0 || (failing && tally.answered))
    return (await breaker.record(line, tally)) ? 'broken' : null;
  return null;
}
