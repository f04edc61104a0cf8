import { createEvents } from '../events/events';
import type { Database } from '../platform/database';
import type { Refusal } from '../platform/errors';

export type Door = 'http' | 'batch' | 'queue';

export interface RefusedNotice {
  door: Door;
  /** Null when nobody can be held to it, as with a wrong signature: then it is in no feed. */
  source: { id: number; code: string } | null;
  keyId: string;
  reference: string | null;
  refusal: Refusal;
}

/** What was turned down and why: kept for operators, and in the feed of the system that sent it. */
export function createRefusals(db: Database) {
  return {
    async record(refused: RefusedNotice[]): Promise<void> {
      if (refused.length === 0) return;
      await db.transaction(async (trx) => {
        await trx.query(
          `INSERT INTO refusals (door, source_id, key_id, reference, code, detail)
           SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[])`,
          [
            refused.map(({ door }) => door),
            refused.map(({ source }) => source?.id ?? null),
            refused.map(({ keyId }) => keyId),
            refused.map(({ reference }) => reference),
            refused.map(({ refusal }) => refusal.code),
            refused.map(({ refusal }) => refusal.message),
          ],
        );
        await createEvents(trx).append(
          refused.flatMap(({ source, reference, refusal }) =>
            source
              ? {
                  sourceId: source.id,
                  type: 'notice.refused' as const,
                  noticeId: null,
                  actor: `source:${source.code}`,
                  data: { reference, code: refusal.code, detail: refusal.message },
                }
              : [],
          ),
        );
      });
    },
  };
}
