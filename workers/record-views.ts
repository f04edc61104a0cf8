import type { Queryable } from '../core/platform/database';
import { createViews } from '../core/views/views';

/** Records the first views of one set. Safe to run twice: a recorded first view only ever becomes earlier. */
export async function recordViews(db: Queryable, ids: string[]): Promise<void> {
  await createViews(db).record(ids);
}
