import { trackingNumberIn } from './check-messages';
import type { Evidence } from './evidence';
import type { Ledger } from './ledger';

/**
 * Measures the recovery in seconds from the end of the fault: until the SMS provider has the first notice requested afterwards,
 * and until every alert of the earlier notices has its outcome.
 */
export function recoveryOf(
  ledger: Ledger,
  { sms, alerts }: Evidence,
  restoredAt: number,
): { firstSentAfterSeconds: number | null; allSettledAfterSeconds: number | null } {
  const acknowledged = ledger.acknowledged();
  const later = new Set(
    acknowledged
      .filter(({ requestedAt }) => requestedAt > restoredAt)
      .map(({ answer }) => answer.trackingNumber),
  );
  const earlier = new Set(
    acknowledged.filter(({ requestedAt }) => requestedAt <= restoredAt).map(({ answer }) => answer.id),
  );
  const handedOver = sms
    .filter(({ text }) => later.has(trackingNumberIn(text)))
    .map(({ at }) => at.getTime());
  const settled = alerts
    .filter(({ noticeId, settledAt }) => earlier.has(noticeId) && settledAt)
    .map(({ settledAt }) => (settledAt as Date).getTime());
  const secondsAfter = (at: number) => Math.max(0, Math.round((at - restoredAt) / 100) / 10);
  return {
    firstSentAfterSeconds: handedOver.length > 0 ? secondsAfter(Math.min(...handedOver)) : null,
    allSettledAfterSeconds: settled.length > 0 ? secondsAfter(Math.max(...settled)) : null,
  };
}
