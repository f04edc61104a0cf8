import type { Queryable } from '../platform/database';
import { enqueueSql } from '../platform/outbox';
import { statement } from '../platform/statement';
import { currentTraceParent } from '../platform/tracing';

/** A delivery report that a provider pushed, before anybody has looked into it. */
export interface PendingCallback {
  outboxId: string;
  id: string;
  providerMessageId: string;
  ageSeconds: number;
}

const RECORD_CALLBACK = statement(
  'record-callback',
  `WITH added AS (
     INSERT INTO sms_callbacks (provider_message_id, status) VALUES (:providerMessageId, :status)
     ON CONFLICT DO NOTHING RETURNING id)
   ${enqueueSql({ queue: `'sms-callbacks'`, subjectIds: 'ARRAY[id]', from: 'added' })}`,
  {},
);

const READ_PENDING_CALLBACKS = statement<PendingCallback>(
  'read-pending-callbacks',
  `SELECT o.id AS "outboxId", c.id, c.provider_message_id AS "providerMessageId",
          extract(epoch FROM now() - c.received_at)::float8 AS "ageSeconds"
     FROM outbox o JOIN sms_callbacks c ON c.id = o.subject_ids[1]
    WHERE o.id = ANY(:outboxIds::bigint[]) AND o.queue = 'sms-callbacks'`,
  { outboxId: 'int8', id: 'int8', providerMessageId: 'text', ageSeconds: 'float8' },
);

const CLOSE_CALLBACKS = statement(
  'close-callbacks',
  `WITH closed AS (UPDATE sms_callbacks SET matched = :matched WHERE id = ANY(:ids::bigint[]))
   DELETE FROM outbox WHERE id = ANY(:outboxIds::bigint[])`,
  {},
);

/**
 * Delivery reports as providers push them. They are unsigned, so they only say where to look: a worker asks the provider before
 * it believes anything.
 */
export function createCallbacks(db: Queryable) {
  return {
    /** Stores a report and makes it due work. The same report again changes nothing. */
    async record(providerMessageId: string, status: number): Promise<void> {
      await db.query(RECORD_CALLBACK, { providerMessageId, status, trace: currentTraceParent() });
    },

    pending: (outboxIds: string[]): Promise<PendingCallback[]> =>
      db.query(READ_PENDING_CALLBACKS, { outboxIds }),

    /** Closes reports and completes their work. `matched` is false for reports that no message of ours belongs to. */
    async close(callbacks: PendingCallback[], matched: boolean): Promise<void> {
      if (callbacks.length === 0) return;
      await db.query(CLOSE_CALLBACKS, {
        matched,
        ids: callbacks.map(({ id }) => id),
        outboxIds: callbacks.map(({ outboxId }) => outboxId),
      });
    },
  };
}
