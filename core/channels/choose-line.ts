import type { Queryable } from '../platform/database';
import type { Lane } from '../platform/queues';
import { type CallStats, createCircuitBreaker } from './circuit-breaker';
import type { LineHealth } from './lines';
import { createRateLimit } from './rate-limit';

/** A line that this process has configured. */
export interface ConfiguredLine {
  readonly line: string;
  /** The share of the line beside the other lines of the channel. */
  readonly weight: number;
}

/** The line a set goes by, and how much of the set. */
export interface LineChoice {
  line: string;
  /** The number of messages that may go now; Infinity without a limit. */
  limit: number;
  /** The token of a probe, when this one message decides whether the line works again. */
  probe: string | null;
  /** Whether the last call over the line failed: only then is a success worth writing down. */
  failing: boolean;
}

export interface LineQuestion {
  /** The health of all lines of the channel. */
  health: LineHealth[];
  /** The lines of this process. */
  lines: readonly ConfiguredLine[];
  lane: Lane;
  /** Counts the messages of the set that wait; called only where a line has a rate. */
  countWaiting: () => Promise<number>;
  /** A random number from 0 to 1. */
  random?: () => number;
}

/** Whether a line can be used without a probe. */
export const isUsable = ({ status }: LineHealth): boolean => status === 'healthy' || status === 'failing';

/**
 * Chooses by their weights among the usable lines of this process, and acquires capacity for the set where the line has a rate. A
 * line whose circuit is tripped and due for a probe comes first: one message goes by it.
 *
 * @returns null when nothing may go now
 */
export async function chooseLine(db: Queryable, question: LineQuestion): Promise<LineChoice | null> {
  const { health, lines, lane, countWaiting, random = Math.random } = question;
  const weights = new Map(lines.map(({ line, weight }) => [line, weight]));
  const known = health.filter(({ name }) => weights.has(name));
  const probe = await chooseProbe(db, known, lane);
  if (probe) return probe;
  let candidates = known.filter(isUsable);
  while (candidates.length > 0) {
    const chosen = pickByWeight(candidates, ({ name }) => weights.get(name) as number, random());
    const limit = chosen.limited
      ? await acquireFor(db, chosen.name, lane, await countWaiting())
      : Number.POSITIVE_INFINITY;
    if (limit > 0) return { line: chosen.name, limit, probe: null, failing: chosen.status === 'failing' };
    candidates = candidates.filter((line) => line !== chosen);
  }
  return null;
}

async function chooseProbe(db: Queryable, known: LineHealth[], lane: Lane): Promise<LineChoice | null> {
  for (const { name, limited } of known.filter(({ status }) => status === 'probe_due')) {
    if (limited && (await createRateLimit(db).acquire(name, lane, 1)) === 0) continue;
    const probe = await createCircuitBreaker(db).takeProbe(name);
    if (probe) return { line: name, limit: 1, probe, failing: false };
  }
  return null;
}

/** A set in which no message waits may still hold alerts to look up: they need no capacity. */
const acquireFor = async (db: Queryable, line: string, lane: Lane, wanted: number): Promise<number> =>
  wanted === 0 ? Number.POSITIVE_INFINITY : createRateLimit(db).acquire(line, lane, wanted);

function pickByWeight<T>(items: T[], weightOf: (item: T) => number, random: number): T {
  let remaining = random * items.reduce((sum, item) => sum + weightOf(item), 0);
  for (const item of items) {
    remaining -= weightOf(item);
    if (remaining < 0) return item;
  }
  return items[0] as T;
}

/** Groups things by the line they went by. */
export function groupByLine<T extends { line: string }>(items: T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(item.line);
    if (group) group.push(item);
    else groups.set(item.line, [item]);
  }
  return groups;
}

/**
 * Records the calls of a set in the circuit breaker of their line.
 *
 * @returns whether that tripped the circuit or closed it again; null when it changed nothing
 */
export async function recordCalls(
  db: Queryable,
  { line, probe, failing }: LineChoice,
  stats: CallStats,
): Promise<'tripped' | 'recovered' | null> {
  const breaker = createCircuitBreaker(db);
  const hasCalled = stats.answered || stats.failed > 0;
  if (probe && hasCalled) {
    const works = stats.failed === 0;
    return (await breaker.endProbe(line, probe, works)) && works ? 'recovered' : null;
  }
  if (probe) await breaker.releaseProbe(line, probe);
  else if (stats.failed > 0 || (failing && stats.answered))
    return (await breaker.record(line, stats)) ? 'tripped' : null;
  return null;
}
