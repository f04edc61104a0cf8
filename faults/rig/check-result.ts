/** What did not hold, in words; nothing when all held. */
export interface CheckResult {
  violations: string[];
  duplicates: number;
  lost: number;
}

export function countBy<T>(items: T[], keyOf: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}

/** How many there are beyond one of each. */
export const countDuplicates = (counts: Map<string, number>): number =>
  [...counts.values()].reduce((sum, count) => sum + count - 1, 0);

/** A complaint of these, with a few of them so that it can be looked into; none when there are none. */
export const violationOf = (items: string[], what: string): string[] =>
  items.length > 0 ? [`${items.length} ${what}: ${items.slice(0, 3).join(', ')}`] : [];
