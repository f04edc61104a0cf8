import { decideAfterStatus } from '../core/alerts/decide';
import { createReceipts, type OpenMessage } from '../core/alerts/receipts';
import type { MessageStatus, SmsChannel } from '../core/channels/sms-channel';
import type { Database } from '../core/platform/database';
import { createOutbox } from '../core/platform/outbox';

export interface ReceiptDependencies {
  db: Database;
  sms: SmsChannel;
}

/** Asks the provider what became of one set of SMS it accepted, in one call, and writes it down. */
export async function checkReceipts({ db, sms }: ReceiptDependencies, ids: string[]): Promise<void> {
  const receipts = createReceipts(db);
  const due = await receipts.due(ids);
  const open = new Set(due.map(({ outboxId }) => outboxId));
  await createOutbox(db).remove(
    'sms-receipts',
    ids.filter((id) => !open.has(id)),
  );
  await settleStatuses({ db, sms }, due);
}

/** The one place where a provider's word on a message is believed. */
export async function settleStatuses(
  { db, sms }: ReceiptDependencies,
  messages: OpenMessage[],
): Promise<void> {
  if (messages.length === 0) return;
  const statuses = await sms.statuses(messages.map(({ providerMessageId }) => providerMessageId));
  await createReceipts(db).settle(
    sms.provider,
    messages.map((message) => ({
      message,
      decision: decideAfterStatus(
        statuses.get(message.providerMessageId) ?? unmentioned,
        message.sentSecondsAgo,
      ),
    })),
  );
}

/** An answer that leaves a message out says nothing about it: it is asked about again. */
const unmentioned: MessageStatus = {
  state: 'pending',
  code: 'no_entry',
  detail: 'the answer does not mention it',
};
