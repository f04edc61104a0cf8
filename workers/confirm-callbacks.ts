import { createCallbacks, type PendingCallback } from '../core/alerts/callbacks';
import { createReceipts } from '../core/alerts/receipts';
import { groupByLine } from '../core/channels/choose-line';
import { createOutbox } from '../core/platform/outbox';
import { createCodeDispatch } from '../core/sessions/code-dispatch';
import { type ReceiptDependencies, settleStatuses } from './check-receipts';

/** A report may overtake the answer to its own send; after this long it belongs to nothing of ours. */
const UNMATCHED_AFTER_SECONDS = 600;
const RECHECK_SECONDS = 15;

/**
 * Follows up one set of delivery reports that providers pushed. Reports are unsigned, so each is only a
 * reason to ask the line its message went by. One that matches nothing yet is kept, because its send may not
 * have settled; so is one whose line does not answer. Of a login code nobody
 * waits to hear that it has arrived; one whose answer was lost is known by no name, and its report is a stranger's.
 */
export async function confirmCallbacks(deps: ReceiptDependencies, ids: string[]): Promise<void> {
  const callbacks = createCallbacks(deps.db);
  const pending = await callbacks.pending(ids);
  const reported = pending.map(({ providerMessageId }) => providerMessageId);
  const messages = await createReceipts(deps.db).byProviderIds(reported);
  const faults: unknown[] = [];
  const unasked = new Set<string>();
  for (const [line, open] of groupByLine(messages.filter((message) => message.open))) {
    await settleStatuses(deps, line, open).catch((error: unknown) => {
      faults.push(error);
      for (const { providerMessageId } of open) unasked.add(providerMessageId);
    });
  }

  const codes = await createCodeDispatch(deps.db).filterLoginCodes(reported);
  const ours = new Set([...messages.map(({ providerMessageId }) => providerMessageId), ...codes]);
  const isOurs = ({ providerMessageId }: PendingCallback) => ours.has(providerMessageId);
  const isAsked = ({ providerMessageId }: PendingCallback) => !unasked.has(providerMessageId);
  const isOld = ({ ageSeconds }: PendingCallback) => ageSeconds > UNMATCHED_AFTER_SECONDS;
  await callbacks.close(
    pending.filter((callback) => isOurs(callback) && isAsked(callback)),
    true,
  );
  await callbacks.close(
    pending.filter((callback) => !isOurs(callback) && isOld(callback)),
    false,
  );
  const early = pending.filter((callback) => !isOurs(callback) && !isOld(callback));
  await createOutbox(deps.db).retryLater(
    early.map(({ outboxId }) => outboxId),
    RECHECK_SECONDS,
  );
  if (faults.length > 0) throw faults[0];
}
