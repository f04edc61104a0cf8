import { type CheckResult, violationOf } from './check-result';
import type { Evidence } from './evidence';
import type { Ledger } from './ledger';

/** Milliseconds by which two clocks of one machine may differ through rounding. */
const ROUNDING_MS = 2;

/** Checks that every page that was shown is on record, and that the earliest is the first view. */
export function checkViews({ views }: Ledger, { notices }: Evidence): CheckResult {
  const wrong = notices.filter(({ id, firstViewedAt, firstView, views: recorded }) => {
    const entry = views.get(id);
    if (!entry) return recorded > 0;
    if (recorded < entry.shown || recorded > entry.attempts) return true;
    if (recorded === 0) return firstViewedAt !== null;
    const at = firstViewedAt?.getTime();
    if (at === undefined || at !== firstView?.getTime()) return true;
    const tooEarly = at < entry.firstAttemptAt - ROUNDING_MS;
    return tooEarly || (entry.firstShownAt !== null && at > entry.firstShownAt + ROUNDING_MS);
  });
  const references = wrong.map(({ reference }) => reference);
  return {
    duplicates: 0,
    lost: wrong.length,
    violations: violationOf(references, 'notices have the wrong views'),
  };
}

/** Checks that no permit opened a notice after its end, and that every expired permit was cleaned up. */
export function checkPermits({ permits }: Ledger, evidence: Evidence): CheckResult {
  const states = new Map(evidence.permits.map(({ id, state }) => [id, state]));
  const opened = permits.filter(({ expiresAt, uses }) =>
    uses.some(({ requestedAt, status }) => status === 200 && requestedAt >= expiresAt + ROUNDING_MS),
  );
  const left = permits.filter(({ permitId }) => states.get(permitId) !== 'expired');
  const answered = permits.some(({ uses }) => uses.some(({ status }) => status === 200));
  const idOf = ({ permitId }: { permitId: string }) => permitId;
  return {
    duplicates: 0,
    lost: left.length,
    violations: [
      ...violationOf(opened.map(idOf), 'permits opened a notice past their end'),
      ...violationOf(left.map(idOf), 'permits that are over count as living'),
      ...(answered ? [] : ['no permit ever opened anything, so nothing is proven of them']),
    ],
  };
}
