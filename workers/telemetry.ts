import { hostname } from 'node:os';
import type { Settlement } from '../core/alerts/alerts';
import type { ClaimedAlert } from '../core/alerts/claims';
import type { StateChange } from '../core/alerts/receipts';
import { createFindings } from '../core/monitoring/findings';
import type { Queryable } from '../core/platform/database';
import type { Log } from '../core/platform/log';
import type { Metrics } from '../core/platform/metrics';
import { type Channel, LANES, type Lane, type QueueName } from '../core/platform/queues';

/** The receivers of reports about attempts. */
export interface Telemetry {
  log: Log;
  metrics: Pick<Metrics, 'countAttempts' | 'observeHandover'>;
}

/** The attempts of one lane in a set. */
interface LaneCount {
  outcomes: Map<string, number>;
  /** Seconds from the acceptance of a notice to its handover, one for each accepted message. */
  handoverSeconds: number[];
}

/** Logs the alerts whose attempts are about to begin, or are about to be looked up. */
export function logClaims({ log }: Pick<Telemetry, 'log'>, channel: Channel, claimed: ClaimedAlert[]): void {
  if (!log.isLevelEnabled('debug')) return;
  for (const { noticeId, alertId, attemptId, tries, wasUnknown } of claimed)
    log.debug({ noticeId, alertId, attemptId, channel, tries, wasUnknown }, 'alert claimed');
}

/** Reports the outcomes of attempts that went by one line to the metrics and the log. */
export function reportAttempts(
  { log, metrics }: Telemetry,
  channel: Channel,
  line: string,
  settlements: Settlement[],
): void {
  countAttempts(metrics, channel, settlements);
  if (!log.isLevelEnabled('debug')) return;
  for (const { alert, result, decision } of settlements) {
    const { noticeId, alertId, attemptId } = alert;
    const { outcome, code } = result;
    const { state } = decision;
    log.debug({ noticeId, alertId, attemptId, channel, line, outcome, code, state }, 'attempt settled');
  }
}

/** Counts a whole set at once, because sets come by the thousand. */
function countAttempts(metrics: Telemetry['metrics'], channel: Channel, settlements: Settlement[]): void {
  const lanes = new Map<Lane, LaneCount>();
  const now = Date.now();
  for (const { alert, result } of settlements) {
    const { lane, wasUnknown, noticeAgeSeconds, claimedAt } = alert;
    const { outcome } = result;
    // An unknown attempt counts once, however often the provider is asked about it.
    if (outcome === 'unknown' && wasUnknown) continue;
    const count: LaneCount = lanes.get(lane) ?? { outcomes: new Map(), handoverSeconds: [] };
    lanes.set(lane, count);
    count.outcomes.set(outcome, (count.outcomes.get(outcome) ?? 0) + 1);
    // The time at which the provider took a message is not known when its attempt was unknown before.
    if (outcome === 'accepted' && noticeAgeSeconds !== null && !wasUnknown) {
      count.handoverSeconds.push(noticeAgeSeconds + (now - claimedAt) / 1000);
    }
  }
  for (const [lane, { outcomes, handoverSeconds }] of lanes) {
    for (const [outcome, number] of outcomes) metrics.countAttempts(channel, lane, outcome, number);
    if (handoverSeconds.length > 0) metrics.observeHandover(channel, lane, handoverSeconds);
  }
}

/** The states in which a delivery report ends an alert or leaves it to a person. */
const REPORTED_STATES = ['delivered', 'failed', 'unknown'] as const;

/** Reports the states that delivery reports brought to the metrics and the log. */
export function reportReceipts(
  { log, metrics }: { log: Log; metrics: Pick<Metrics, 'countReceipts'> },
  line: string,
  changes: StateChange[],
): void {
  for (const lane of LANES) {
    for (const state of REPORTED_STATES) {
      const count = changes.filter((alert) => alert.lane === lane && alert.state === state).length;
      if (count > 0) metrics.countReceipts('sms', lane, state, count);
    }
  }
  if (!log.isLevelEnabled('debug')) return;
  for (const { noticeId, alertId, attemptId, state } of changes)
    log.debug({ noticeId, alertId, attemptId, line, state }, 'the provider told what became of an alert');
}

/** Reports to the metrics and to the operators that a worker of this process took no jobs and was replaced. */
export async function reportWorkerReplaced(
  db: Queryable,
  metrics: Pick<Metrics, 'countRebuild'>,
  queue: QueueName,
): Promise<void> {
  metrics.countRebuild(queue);
  await createFindings(db).raise({
    rule: 'worker-rebuilt',
    subject: queue,
    detail: `${hostname()} ${process.pid}`,
  });
}
