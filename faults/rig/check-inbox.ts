import { type CheckResult, countBy, violationOf } from './check-result';
import type { Evidence } from './evidence';
import type { Ledger } from './ledger';

/** Checks that every acknowledged notice is stored once, as it was answered, and listed once, in its owner's inbox only. */
export function checkInbox(ledger: Ledger, { notices, inboxes }: Evidence): CheckResult {
  const stored = new Map(notices.map((row) => [row.id, row]));
  const listed = countBy([...inboxes.values()].flat(), (id) => id);
  const acknowledged = ledger.acknowledged();
  const missing = acknowledged.filter(({ answer, reference, nationalId }) => {
    const row = stored.get(answer.id);
    return (
      row?.reference !== reference ||
      row.trackingNumber !== answer.trackingNumber ||
      !inboxes.get(nationalId)?.includes(answer.id)
    );
  });
  const listedTwice = acknowledged.filter(({ answer }) => (listed.get(answer.id) ?? 0) > 1);
  const storedTwice = [...countBy(notices, ({ reference }) => reference)].filter(([, count]) => count > 1);
  const unanswered = [...ledger.notices.values()].filter(({ answer }) => !answer);
  return {
    duplicates: listedTwice.length + storedTwice.length,
    lost: missing.length,
    violations: [
      ...violationOf(missing.map(referenceOf), 'acknowledged notices are not in the inbox of their employer'),
      ...violationOf(listedTwice.map(referenceOf), 'notices are listed more than once'),
      ...violationOf(
        storedTwice.map(([reference]) => reference),
        'notices are there twice',
      ),
      ...violationOf(unanswered.map(referenceOf), 'notices were never acknowledged'),
    ],
  };
}

const referenceOf = ({ reference }: { reference: string }) => reference;

/** Checks that every notice has its two alerts, whatever their state. */
export function checkAlerts(_ledger: Ledger, { notices, alerts }: Evidence): CheckResult {
  const counts = countBy(alerts, ({ noticeId, channel }) => `${noticeId} ${channel}`);
  const without = notices.filter(({ id }) =>
    ['sms', 'email'].some((channel) => counts.get(`${id} ${channel}`) !== 1),
  );
  return {
    duplicates: 0,
    lost: without.length,
    violations: violationOf(without.map(referenceOf), 'notices have not one alert by SMS and one by email'),
  };
}
