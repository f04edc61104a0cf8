import { createLines, type LineState } from '../channels/lines';
import type { Queryable } from '../platform/database';

const SEEN_WITHIN_MS = 24 * 3600 * 1000;

/** Lists the lines that a process configured within a day, or that never were registered (`seenAt` is null). */
export async function linesInUse(db: Queryable): Promise<LineState[]> {
  const lines = await createLines(db).list();
  return lines.filter(({ seenAt }) => seenAt === null || seenAt.getTime() > Date.now() - SEEN_WITHIN_MS);
}
