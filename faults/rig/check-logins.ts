import { type CheckResult, countBy, countDuplicates, violationOf } from './check-result';
import type { Evidence } from './evidence';
import type { Ledger } from './ledger';

/**
 * A login code goes to its owner once and lets in once. One whose sender died may not arrive, but somebody had it;
 * none is kept once that is over.
 */
export function checkLogins({ logins }: Ledger, { codes, codeMessages }: Evidence): CheckResult {
  const made = countBy(codes, ({ nationalId }) => nationalId);
  const arrived = countBy(codeMessages, ({ receptor }) => receptor.slice(-10));
  const owners = new Map(logins.map(({ nationalId, mobile }) => [mobile.slice(-10), nationalId]));
  const beyond = [...arrived].filter(([mobile, count]) => count > (made.get(owners.get(mobile) ?? '') ?? 0));
  const repeated = countDuplicates(countBy(codeMessages, ({ localId }) => localId ?? ''));
  const claimed = new Set(
    codes.filter(({ localId }) => localId !== null).map(({ nationalId }) => nationalId),
  );
  const forgotten = logins.filter(({ acknowledged, nationalId }) => acknowledged && !claimed.has(nationalId));
  const twice = logins.filter(({ signIns }) => signIns > 1);
  const kept = codes.filter((code) => code.kept);
  const idOf = ({ nationalId }: { nationalId: string }) => nationalId;
  const entered = logins.some((login) => login.signIns === 1);
  return {
    duplicates: beyond.length + repeated,
    lost: forgotten.length,
    violations: [
      ...violationOf(
        beyond.map(([mobile]) => mobile),
        'mobiles got more login codes than were made for them',
      ),
      ...(repeated > 0 ? [`${repeated} login codes came twice`] : []),
      ...violationOf(forgotten.map(idOf), 'login codes were asked for and never begun to be sent'),
      ...violationOf(twice.map(idOf), 'login codes let somebody in twice'),
      ...violationOf(kept.map(idOf), 'login codes are kept though nobody can send them any more'),
      ...(entered ? [] : ['nobody ever logged in, so nothing is proven of it']),
    ],
  };
}
