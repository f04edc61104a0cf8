import { createCallbacks, type PendingCallback } from '../core/alerts/callbacks';
import { createReceipts } from '../core/alerts/receipts';
import { groupByLine } from '../core/channels/choose-line';
import { createOutbox } from '../core/platform/outbox';
import { createCodeDispatch } from '../core/sessions/code-dispatch';
import { type ReceiptDependencies, settleStatuses } from './check-receipts';

/** Seconds after which a report that matches no message is closed. A report may arrive before the answer to its own send. */
const UNMATCHED_AFTER_SECONDS = 600;
const RECHECK_SECONDS = 15;

/**
 * Follows up one set of delivery reports that providers pushed. A report is unsigned, so it is only a reason to ask the line of
 * its message. A report stays due while it matches no message, because its send may not have settled yet, and while its line does
 * not answer.
 *
 * Reports for login codes are closed unread. A code whose send was unknown has no message id, so its report matches nothing.
 *
 * @throws the first error of a line, once all lines were asked
 */
export async function confirmCallbacks(deps: ReceiptDependencies, ids: string[]): Promise<void> {
  const callbacks = createCallbacks(deps.db);
  const pending = await callbacks.pending(ids);
  const reported = pending.map(({ providerMessageId }) => providerMessageId);
  const messages = await createReceipts(deps.db).byProviderIds(reported);
  const errors: unknown[] = [];
  const unanswered = new Set<string>();
  for (const [line, open] of groupByLine(messages.filter((message) => message.open))) {
    await settleStatuses(deps, line, open).catch((error: unknown) => {
      errors.push(error);
      for (const { providerMessageId } of open) unanswered.add(providerMessageId);
    });
  }

  const codes = await createCodeDispatch(deps.db).filterLoginCodes(reported);
  const ours = new Set([...messages.map(({ providerMessageId }) => providerMessageId), ...codes]);
  const matched = pending.filter(({ providerMessageId }) => ours.has(providerMessageId));
  const unmatched = pending.filter(({ providerMessageId }) => !ours.has(providerMessageId));
  const isOld = ({ ageSeconds }: PendingCallback) => ageSeconds > UNMATCHED_AFTER_SECONDS;
  await callbacks.close(
    matched.filter(({ providerMessageId }) => !unanswered.has(providerMessageId)),
    true,
  );
  await callbacks.close(unmatched.filter(isOld), false);
  const early = unmatched.filter((callback) => !isOld(callback));
  await createOutbox(deps.db).retryLater(
    early.map(({ outboxId }) => outboxId),
    RECHECK_SECONDS,
  );
  if (errors.length > 0) throw errors[0];
}
