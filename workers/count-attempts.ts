import type { Settlement } from '../core/alerts/alerts';
import type { Metrics } from '../core/platform/metrics';
import type { Channel } from '../core/platform/queues';

/** Tells the metrics what became of a set of attempts. */
export function countAttempts(
  metrics: Pick<Metrics, 'countAttempts' | 'observeHandover'>,
  channel: Channel,
  settlements: Settlement[],
): void {
  const counts = new Map<string, { lane: Settlement['alert']['lane']; outcome: string; count: number }>();
  for (const { alert, result } of settlements) {
    const { lane } = alert;
    const { outcome } = result;
    const entry = counts.get(`${lane} ${outcome}`) ?? { lane, outcome, count: 0 };
    entry.count += 1;
    counts.set(`${lane} ${outcome}`, entry);
    if (outcome === 'accepted' && alert.tries === 1 && alert.noticeAge !== null) {
      metrics.observeHandover(channel, lane, alert.noticeAge + (Date.now() - alert.claimedAt) / 1000);
    }
  }
  for (const { lane, outcome, count } of counts.values())
    metrics.countAttempts(channel, lane, outcome, count);
}
