import { createEvents, type NewEvent } from '../events/events';
import type { Database } from '../platform/database';
import type { Refusal } from '../platform/errors';
import { statement } from '../platform/statement';

/** The channel a notice comes in by: a single HTTP request, an HTTP batch, or the queue. */
export type Door = 'http' | 'batch' | 'queue';

export interface RefusedNotice {
  door: Door;
  /** Null when the sender is not proven, as with a wrong signature; the refusal is then in no feed. */
  source: { id: number; code: string } | null;
  keyId: string;
  reference: string | null;
  refusal: Refusal;
}

const INSERT_REFUSALS = statement(
  'insert-refusals',
  `INSERT INTO refusals (door, source_id, key_id, reference, code, detail)
   SELECT * FROM unnest(:doors::text[], :sourceIds::int[], :keyIds::text[], :references::text[], :codes::text[],
                        :details::text[])`,
  {},
);

/** The record of refused notices and their reasons, for operators and for the feed of the sending system. */
export function createRefusals(db: Database) {
  return {
    async record(refused: RefusedNotice[]): Promise<void> {
      if (refused.length === 0) return;
      await db.transaction(async (trx) => {
        await trx.query(INSERT_REFUSALS, {
          doors: refused.map(({ door }) => door),
          sourceIds: refused.map(({ source }) => source?.id ?? null),
          keyIds: refused.map(({ keyId }) => keyId),
          references: refused.map(({ reference }) => reference),
          codes: refused.map(({ refusal }) => refusal.code),
          details: refused.map(({ refusal }) => refusal.message),
        });
        await createEvents(trx).append(refused.flatMap(refusalEvent));
      });
    },
  };
}

const refusalEvent = ({ source, reference, refusal }: RefusedNotice): NewEvent[] =>
  source
    ? [
        {
          sourceId: source.id,
          type: 'notice.refused',
          noticeId: null,
          actor: `source:${source.code}`,
          data: { reference, code: refusal.code, detail: refusal.message },
        },
      ]
    : [];
