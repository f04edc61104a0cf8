import { decideAfterStatus } from '../core/alerts/decide-after-status';
import { createReceipts, type OpenMessage } from '../core/alerts/receipts';
import { groupByLine } from '../core/channels/choose-line';
import type { MessageStatus, SmsChannel } from '../core/channels/sms-channel';
import type { Database } from '../core/platform/database';
import type { Log } from '../core/platform/log';
import type { Metrics } from '../core/platform/metrics';
import { createOutbox } from '../core/platform/outbox';
import { reportReceipts } from './telemetry';

export interface ReceiptDependencies {
  db: Database;
  lines: readonly SmsChannel[];
  log: Log;
  metrics: Pick<Metrics, 'countReceipts'>;
}

/**
 * Asks the providers for the statuses of one set of SMS they accepted, in one call for each line, and settles them. A line that
 * does not answer delays none of the others. Safe to run twice: a final state is never left again.
 *
 * @throws the first error of a line, once all lines were asked
 */
export async function checkReceipts(deps: ReceiptDependencies, ids: string[]): Promise<void> {
  const receipts = createReceipts(deps.db);
  const due = await receipts.due(ids);
  const open = new Set(due.map(({ outboxId }) => outboxId));
  await createOutbox(deps.db).remove(
    'sms-receipts',
    ids.filter((id) => !open.has(id)),
  );
  const errors: unknown[] = [];
  for (const [line, messages] of groupByLine(due)) {
    await settleStatuses(deps, line, messages).catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw errors[0];
}

/**
 * Asks for the statuses of messages of one line and settles them: the one place where the word of a provider on a message is
 * believed. The messages of a line that is gone are settled without an answer: no delivery report will come.
 */
export async function settleStatuses(
  { db, lines, log, metrics }: ReceiptDependencies,
  line: string,
  messages: OpenMessage[],
): Promise<void> {
  const sms = lines.find((own) => own.line === line);
  const statuses = await sms?.statuses(messages.map(({ providerMessageId }) => providerMessageId));
  const hasTemplate = lines.some((own) => own.hasTemplate);
  const changes = await createReceipts(db).settle(
    line,
    messages.map((message) => ({
      message,
      decision: decideAfterStatus(
        statuses?.get(message.providerMessageId) ?? statusMissing,
        message.sentSecondsAgo,
        hasTemplate ? message.templateFallback : 'none',
      ),
    })),
  );
  reportReceipts({ log, metrics }, line, changes);
}

/** An answer that leaves a message out says nothing about it: the message is checked again. */
const statusMissing: MessageStatus = {
  state: 'pending',
  code: 'no_entry',
  detail: 'the answer does not mention it',
};
