import { decideAfterStatus } from '../core/alerts/decide-after-status';
import { createReceipts, type OpenMessage } from '../core/alerts/receipts';
import { groupByLine } from '../core/channels/choose-line';
import type { MessageStatus, SmsChannel } from '../core/channels/sms-channel';
import type { Database } from '../core/platform/database';
import type { Log } from '../core/platform/log';
import type { Metrics } from '../core/platform/metrics';
import { createOutbox } from '../core/platform/outbox';
import { reportReceipts } from './tell-of-receipts';

export interface ReceiptDependencies {
  db: Database;
  lines: readonly SmsChannel[];
  log: Log;
  metrics: Pick<Metrics, 'countReceipts'>;
}

/**
 * Asks the provider what became of one set of SMS it accepted, in one call for each line, and writes it down.
 * A line that does not answer holds up none of the others.
 */
export async function checkReceipts(deps: ReceiptDependencies, ids: string[]): Promise<void> {
  const receipts = createReceipts(deps.db);
  const due = await receipts.due(ids);
  const open = new Set(due.map(({ outboxId }) => outboxId));
  await createOutbox(deps.db).remove(
    'sms-receipts',
    ids.filter((id) => !open.has(id)),
  );
  const faults: unknown[] = [];
  for (const [line, messages] of groupByLine(due)) {
    await settleStatuses(deps, line, messages).catch((error: unknown) => faults.push(error));
  }
  if (faults.length > 0) throw faults[0];
}

/**
 * The one place where a provider's word on a message is believed. Nobody can be asked about messages of a line
 * that is gone: no report will come.
 */
export async function settleStatuses(
  { db, lines, log, metrics }: ReceiptDependencies,
  line: string,
  messages: OpenMessage[],
): Promise<void> {
  const sms = lines.find((own) => own.line === line);
  const statuses = await sms?.statuses(messages.map(({ providerMessageId }) => providerMessageId));
  const told = await createReceipts(db).settle(
    line,
    messages.map((message) => ({
      message,
      decision: decideAfterStatus(
        statuses?.get(message.providerMessageId) ?? statusMissing,
        message.sentSecondsAgo,
        lines.some(({ hasTemplate }) => hasTemplate) ? message.templateFallback : 'none',
      ),
    })),
  );
  reportReceipts({ log, metrics }, line, told);
}

/** An answer that leaves a message out says nothing about it: it is asked about again. */
const statusMissing: MessageStatus = {
  state: 'pending',
  code: 'no_entry',
  detail: 'the answer does not mention it',
};
