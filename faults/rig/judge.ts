import { checkEvents } from './check-events';
import { checkAlerts, checkInbox } from './check-inbox';
import { checkLogins } from './check-logins';
import { checkEmails, checkSms } from './check-messages';
import type { CheckResult } from './check-result';
import { checkPermits, checkViews } from './check-views-and-permits';
import type { Evidence } from './evidence';
import type { Ledger } from './ledger';

const CHECKS = [
  checkInbox,
  checkAlerts,
  checkSms,
  checkEmails,
  checkViews,
  checkPermits,
  checkLogins,
  checkEvents,
];

/** Compares the ledger of the clients with the records of the system and of the providers. */
export function judge(ledger: Ledger, evidence: Evidence): CheckResult {
  const all = CHECKS.map((check) => check(ledger, evidence));
  return {
    violations: [...ledger.violations, ...all.flatMap(({ violations }) => violations)].filter(
      (text, i, texts) => texts.indexOf(text) === i,
    ),
    duplicates: all.reduce((sum, { duplicates }) => sum + duplicates, 0),
    lost: all.reduce((sum, { lost }) => sum + lost, 0),
  };
}
