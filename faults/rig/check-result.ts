/** The result of a check: each broken promise in words, none when all hold. */
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

/** Counts the items beyond the first of each kind. */
export const countDuplicates = (counts: Map<string, number>): number =>
  [...counts.values()].reduce((sum, count) => sum + count - 1, 0);

/** Describes a violation with its first few items, so that it can be investigated; none when there are no items. */
export const violationOf = (items: string[], what: string): string[] =>
  items.length > 0 ? [`${items.length} ${what}: ${items.slice(0, 3).join(', ')}`] : [];
