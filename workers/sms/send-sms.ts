import { createAlerts } from '../../core/alerts/alerts';
import { type ClaimedAlert, rowsNotFullyClaimed } from '../../core/alerts/claims';
import { chooseLine, type LineChoice } from '../../core/channels/choose-line';
import { createLines } from '../../core/channels/lines';
import type { SmsChannel } from '../../core/channels/sms-channel';
import { laneOf, type OutboxQueue } from '../../core/platform/queues';
import { waitForLine } from '../disable-line';
import { settlementDb } from '../settlement-db';
import { logClaims } from '../telemetry';
import { reconcileUnknown } from './reconcile-unknown';
import {
  mergeCalls,
  type SendSmsDependencies,
  START_WITHIN_MS,
  sendSet,
  sendTemplates,
  settleCalls,
} from './sms-set';

/**
 * Sends one set of SMS alerts by one of the usable lines, as much of it as may go now. A message that is certain not to have left
 * may go by another line the next time. Alerts in doubt, whose attempt may have gone out, are looked up on their own line first.
 * Safe to run twice: an alert that is claimed is not claimed again.
 */
export async function sendSms(deps: SendSmsDependencies, queue: OutboxQueue, ids: string[]): Promise<void> {
  const { db, lines } = deps;
  const alerts = createAlerts(db, 'sms');
  const lane = laneOf(queue);
  const health = await createLines(db).lineHealth('sms', lane);
  const countWaiting = () => alerts.countClaimable(queue, ids);
  const choice = await chooseLine(db, { health, lines, lane, countWaiting });
  if (!choice) return waitForLine(db, health, lines, ids);

  const startUntil = Date.now() + START_WITHIN_MS;
  const claimed = await alerts.claim(queue, ids, choice.line, choice.limit);
  logClaims(deps, 'sms', claimed);
  const remaining = rowsNotFullyClaimed(ids, claimed);
  const isFull = claimed.length >= choice.limit;
  if (isFull && remaining.length > 0)
    await createAlerts(settlementDb(deps), 'sms').splitOffUnclaimed(remaining, claimed);
  await sendClaimed(deps, choice, claimed, startUntil);
  if (isFull || remaining.length === 0) return;

  const inDoubt = await alerts.claimInDoubt(queue, remaining);
  logClaims(deps, 'sms', inDoubt);
  const unused = claimed.length === 0 ? choice : null;
  await reconcileUnknown(deps, { health, unused, lane }, inDoubt);
  await alerts.expire(queue, remaining);
  await alerts.cleanUpUnclaimed(queue, remaining);
}

async function sendClaimed(
  deps: SendSmsDependencies,
  choice: LineChoice,
  claimed: ClaimedAlert[],
  startUntil: number,
): Promise<void> {
  if (claimed.length === 0) return;
  const sms = deps.lines.find(({ line }) => line === choice.line) as SmsChannel;
  const texts = claimed.filter(({ byTemplate }) => !byTemplate);
  const templates = claimed.filter(({ byTemplate }) => byTemplate);
  const first = await sendSet(sms, texts, startUntil);
  const then = await sendTemplates(sms, templates, startUntil);
  await settleCalls(deps, choice, mergeCalls(first, then));
}
