import { type CheckResult, countBy, countDuplicates, violationOf } from './check-result';
import type { Evidence } from './evidence';
import type { Ledger } from './ledger';

/**
 * Checks that a login code goes to its owner once and lets in once. A code whose worker died may not arrive, but its sending was
 * begun; no code is kept after its sending has ended.
 */
export function checkLogins({ logins }: Ledger, { codes, codeMessages }: Evidence): CheckResult {
  const made = countBy(codes, ({ nationalId }) => nationalId);
  const arrived = countBy(codeMessages, ({ receptor }) => receptor.slice(-10));
  const owners = new Map(logins.map(({ nationalId, mobile }) => [mobile.slice(-10), nationalId]));
  const excess = [...arrived].filter(([mobile, count]) => count > (made.get(owners.get(mobile) ?? '') ?? 0));
  const repeated = countDuplicates(countBy(codeMessages, ({ localId }) => localId ?? ''));
  const claimed = new Set(
    codes.filter(({ localId }) => localId !== null).map(({ nationalId }) => nationalId),
  );
  const unsent = logins.filter(({ acknowledged, nationalId }) => acknowledged && !claimed.has(nationalId));
  const reused = logins.filter(({ signIns }) => signIns > 1);
  const kept = codes.filter((code) => code.kept);
  const idOf = ({ nationalId }: { nationalId: string }) => nationalId;
  const anySignIn = logins.some(({ signIns }) => signIns === 1);
  return {
    duplicates: excess.length + repeated,
    lost: unsent.length,
    violations: [
      ...violationOf(
        excess.map(([mobile]) => mobile),
        'mobiles got more login codes than were made for them',
      ),
      ...(repeated > 0 ? [`${repeated} login codes came twice`] : []),
      ...violationOf(unsent.map(idOf), 'login codes were asked for and never begun to be sent'),
      ...violationOf(reused.map(idOf), 'login codes let a person in twice'),
      ...violationOf(kept.map(idOf), 'login codes are kept though nobody can send them any more'),
      ...(anySignIn ? [] : ['nobody ever logged in, so nothing is proven of it']),
    ],
  };
}
