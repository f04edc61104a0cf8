import { createAlerts } from '../../core/alerts/alerts';
import { rowsNotFullyClaimed } from '../../core/alerts/claims';
import { chooseLine } from '../../core/channels/choose-line';
import { createLines } from '../../core/channels/lines';
import type { SmsChannel } from '../../core/channels/sms-channel';
import { laneOf, type OutboxQueue } from '../../core/platform/queues';
import { retryWhileUnavailable } from '../../core/platform/retry-while-unavailable';
import { waitForLine } from '../disable-line';
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
 * Sends one set of SMS alerts, by one of the lines that are usable, and as much of it as may go now; what was
 * not sent for certain may go by another line the next time. Doubtful ones, whose attempt may have gone out, are
 * asked about on their own line first. Safe to run twice: what is claimed is not claimed again.
 */
export async function sendSms(deps: SendSmsDependencies, queue: OutboxQueue, ids: string[]): Promise<void> {
  const { db, lines } = deps;
  const alerts = createAlerts(db, 'sms');
  const lane = laneOf(queue);
  const conditions = await createLines(db).lineHealth('sms', lane);
  const way = await chooseLine(db, conditions, lines, lane, () => alerts.countClaimable(queue, ids));
  if (!way) return waitForLine(db, conditions, lines, ids);

  const lastStart = Date.now() + START_WITHIN_MS;
  const fresh = await alerts.claim(queue, ids, way.line, way.limit);
  logClaims(deps, 'sms', fresh);
  const rest = rowsNotFullyClaimed(ids, fresh);
  const isFull = fresh.length >= way.limit;
  if (isFull && rest.length > 0)
    await createAlerts(retryWhileUnavailable(db), 'sms').splitOffUnclaimed(rest, fresh);
  const sms = lines.find(({ line }) => line === way.line) as SmsChannel;
  const texts = fresh.filter(({ byTemplate }) => !byTemplate);
  const templates = fresh.filter(({ byTemplate }) => byTemplate);
  const first = await sendSet(sms, texts, lastStart);
  const then = await sendTemplates(sms, templates, lastStart);
  if (fresh.length > 0) await settleCalls(deps, way, mergeCalls(first, then));
  if (isFull || rest.length === 0) return;

  const doubtful = await alerts.claimInDoubt(queue, rest);
  logClaims(deps, 'sms', doubtful);
  await reconcileUnknown(deps, conditions, fresh.length === 0 ? way : null, lane, doubtful);
  await alerts.expire(queue, rest);
  await alerts.cleanUpUnclaimed(queue, rest);
}
