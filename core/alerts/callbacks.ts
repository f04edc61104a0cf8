import type { Queryable } from '../platform/database';

/** A delivery report a provider pushed to us, not yet looked into. */
export interface PendingCallback {
  outboxId: string;
  id: string;
  providerMessageId: string;
  ageSeconds: number;
}

/**
 * Delivery reports as they arrive. They are unsigned, so they only say where to look: the provider is asked
 * before anything is believed.
 */
export function createCallbacks(db: Queryable) {
  return {
    /** Keeps a report and makes it work that is due. The same report again changes nothing. */
    async record(providerMessageId: string, status: number): Promise<void> {
      await db.query(
        `WITH added AS (
           INSERT INTO sms_callbacks (provider_message_id, status) VALUES ($1, $2)
           ON CONFLICT DO NOTHING RETURNING id)
         INSERT INTO outbox (queue, subject_ids, run_at, relay_at)
         SELECT 'sms-callbacks', ARRAY[id], now(), now() FROM added`,
        [providerMessageId, status],
      );
    },

    async pending(outboxIds: string[]): Promise<PendingCallback[]> {
      return db.query<{ outboxId: string; id: string; providerMessageId: string; ageSeconds: number }>(
        `SELECT o.id AS "outboxId", c.id, c.provider_message_id AS "providerMessageId",
                extract(epoch FROM now() - c.received_at)::float8 AS "ageSeconds"
           FROM outbox o JOIN sms_callbacks c ON c.id = o.subject_ids[1]
          WHERE o.id = ANY($1::bigint[]) AND o.queue = 'sms-callbacks'`,
        [outboxIds],
      );
    },

    /** Closes reports: their work is done. `matched` is false for those no message of ours belongs to. */
    async close(callbacks: PendingCallback[], matched: boolean): Promise<void> {
      if (callbacks.length === 0) return;
      await db.query(
        `WITH closed AS (UPDATE sms_callbacks SET matched = $2 WHERE id = ANY($1::bigint[]))
         DELETE FROM outbox WHERE id = ANY($3::bigint[])`,
        [callbacks.map(({ id }) => id), matched, callbacks.map(({ outboxId }) => outboxId)],
      );
    },
  };
}
