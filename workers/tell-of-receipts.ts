import type { StateChange } from '../core/alerts/receipts';
import type { Log } from '../core/platform/log';
import type { Metrics } from '../core/platform/metrics';
import { LANES } from '../core/platform/queues';

/** States in which a provider's word leaves an alert for good, or for a person. */
const FINAL_STATES = ['delivered', 'failed', 'unknown'] as const;

/** Tells the metrics and the log what a provider said became of SMS it had taken. */
export function reportReceipts(
  { log, metrics }: { log: Log; metrics: Pick<Metrics, 'countReceipts'> },
  line: string,
  told: StateChange[],
): void {
  for (const lane of LANES) {
    for (const state of FINAL_STATES) {
      const count = told.filter((alert) => alert.lane === lane && alert.state === state).length;
      if (count > 0) metrics.countReceipts('sms', lane, state, count);
    }
  }
  if (!log.isLevelEnabled('debug')) return;
  for (const { noticeId, alertId, attemptId, state } of told)
    log.debug({ noticeId, alertId, attemptId, line, state }, 'the provider told what became of an alert');
}
