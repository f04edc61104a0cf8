import { createLines, type LineState } from '../channels/lines';
import type { Queryable } from '../platform/database';

const SEEN_WITHIN_MS = 24 * 3600 * 1000;

/** Lines that were configured in the last day, and those of which nobody has said so yet. */
export async function linesInUse(db: Queryable): Promise<LineState[]> {
  const lines = await createLines(db).list();
  return lines.filter(({ seenAt }) => seenAt === null || seenAt.getTime() > Date.now() - SEEN_WITHIN_MS);
}
