import { createCallbacks, type PendingCallback } from '../core/alerts/callbacks';
import { createReceipts } from '../core/alerts/receipts';
import { createOutbox } from '../core/platform/outbox';
import { type ReceiptDependencies, settleStatuses } from './check-receipts';

/** A report may overtake the answer to its own send; after this long it belongs to nothing of ours. */
const STRANGER_AFTER_SECONDS = 600;
const LOOK_AGAIN_SECONDS = 15;

/**
 * Follows up one set of delivery reports that providers pushed. Reports are unsigned, so each is only a
 * reason to ask the provider. One that matches nothing yet is kept, because its send may not have settled.
 */
export async function confirmCallbacks({ db, sms }: ReceiptDependencies, ids: string[]): Promise<void> {
  const callbacks = createCallbacks(db);
  const pending = await callbacks.pending(ids);
  const messages = await createReceipts(db).byProviderIds(
    sms.provider,
    pending.map(({ providerMessageId }) => providerMessageId),
  );
  await settleStatuses(
    { db, sms },
    messages.filter(({ open }) => open),
  );

  const ours = new Set(messages.map(({ providerMessageId }) => providerMessageId));
  const isOurs = ({ providerMessageId }: PendingCallback) => ours.has(providerMessageId);
  const isOld = ({ ageSeconds }: PendingCallback) => ageSeconds > STRANGER_AFTER_SECONDS;
  await callbacks.close(pending.filter(isOurs), true);
  await callbacks.close(
    pending.filter((callback) => !isOurs(callback) && isOld(callback)),
    false,
  );
  const early = pending.filter((callback) => !isOurs(callback) && !isOld(callback));
  await createOutbox(db).handBack(
    early.map(({ outboxId }) => outboxId),
    LOOK_AGAIN_SECONDS,
  );
}
