import type { Settlement } from '../core/alerts/alerts';
import type { ClaimedAlert } from '../core/alerts/claims';
import type { Log } from '../core/platform/log';
import type { Metrics } from '../core/platform/metrics';
import type { Channel, Lane } from '../core/platform/queues';

/** Who is told of attempts. */
export interface Telemetry {
  log: Log;
  metrics: Pick<Metrics, 'countAttempts' | 'observeHandover'>;
}

/** What became of the alerts of one lane in a set. */
interface LaneCount {
  outcomes: Map<string, number>;
  handedOver: number[];
}

/** Tells the log whose attempts are about to begin, or are looked into because they are in doubt. */
export function logClaims({ log }: Pick<Telemetry, 'log'>, channel: Channel, claimed: ClaimedAlert[]): void {
  if (!log.isLevelEnabled('debug')) return;
  for (const { noticeId, alertId, attemptId, tries, wasUnknown } of claimed)
    log.debug({ noticeId, alertId, attemptId, channel, tries, wasUnknown }, 'alert claimed');
}

/** Tells the log and the metrics what became of a set of attempts by one line. */
export function reportAttempts(
  { log, metrics }: Telemetry,
  channel: Channel,
  line: string,
  settlements: Settlement[],
): void {
  addToMetrics(metrics, channel, settlements);
  if (!log.isLevelEnabled('debug')) return;
  for (const { alert, result, decision } of settlements) {
    const { noticeId, alertId, attemptId } = alert;
    const { outcome, code } = result;
    const { state } = decision;
    log.debug({ noticeId, alertId, attemptId, channel, line, outcome, code, state }, 'attempt settled');
  }
}

/** At once for all of a set, because sets come by the thousand. */
function addToMetrics(metrics: Telemetry['metrics'], channel: Channel, settlements: Settlement[]): void {
  const lanes = new Map<Lane, LaneCount>();
  const now = Date.now();
  for (const { alert, result } of settlements) {
    const { lane, wasUnknown, noticeAgeSeconds, claimedAt } = alert;
    const { outcome } = result;
    // An attempt that is in doubt is counted once, however often the provider is asked about it.
    if (outcome === 'unknown' && wasUnknown) continue;
    const sum: LaneCount = lanes.get(lane) ?? { outcomes: new Map(), handedOver: [] };
    lanes.set(lane, sum);
    sum.outcomes.set(outcome, (sum.outcomes.get(outcome) ?? 0) + 1);
    // Of one that was in doubt nobody knows when the provider took it.
    if (outcome === 'accepted' && noticeAgeSeconds !== null && !wasUnknown) {
      sum.handedOver.push(noticeAgeSeconds + (now - claimedAt) / 1000);
    }
  }
  for (const [lane, { outcomes, handedOver }] of lanes) {
    for (const [outcome, number] of outcomes) metrics.countAttempts(channel, lane, outcome, number);
    if (handedOver.length > 0) metrics.observeHandover(channel, lane, handedOver);
  }
}
