import { type CheckResult, countBy, countDuplicates, violationOf } from './check-result';
import type { AlertRow, Evidence } from './evidence';
import type { Ledger } from './ledger';

const TRACKING_NUMBER = /\d{12}/;
const HANDED_OVER_STATES = ['sent', 'delivered'];
/** Outcomes on record that say a message never left. */
const NOT_SENT_OUTCOMES = ['rejected', 'not_sent', 'try_later'];

/** Finds the tracking number that an SMS names; empty when it names none. */
export const trackingNumberIn = (text: string): string => TRACKING_NUMBER.exec(text)?.[0] ?? '';

/** Checks what the SMS provider received: one message per attempt and per notice, to its employer, exactly as recorded. */
export function checkSms(ledger: Ledger, { notices, alerts, sms }: Evidence): CheckResult {
  const trackingNumbers = new Map(notices.map(({ id, trackingNumber }) => [id, trackingNumber]));
  const perNotice = countBy(sms, ({ text }) => trackingNumberIn(text));
  const perAttempt = countBy(sms, ({ localId }) => localId ?? '');
  const wrong = alerts.filter(({ channel, noticeId, outcome, state, attemptId }) => {
    if (channel !== 'sms') return false;
    const received = perNotice.get(trackingNumbers.get(noticeId) as string) ?? 0;
    if (outcome === 'accepted') return received < 1 || !perAttempt.has(attemptId as string);
    if (outcome !== null && NOT_SENT_OUTCOMES.includes(outcome)) return received > 0;
    return HANDED_OVER_STATES.includes(state);
  });
  const duplicates = countDuplicates(perNotice);
  const repeated = countDuplicates(perAttempt);
  const known = new Set(trackingNumbers.values());
  const unmatched = [...perNotice.keys()].filter((number) => !known.has(number));
  const mobiles = new Map(
    ledger.acknowledged().map(({ answer, mobile }) => [answer.trackingNumber, mobile] as const),
  );
  const misdirected = sms.filter(({ text, receptor }) => {
    const mobile = mobiles.get(trackingNumberIn(text));
    return mobile !== undefined && mobile.slice(-10) !== receptor.slice(-10);
  });
  return {
    duplicates,
    lost: wrong.length,
    violations: [
      ...(duplicates > 0
        ? [`${duplicates} SMS too many, ${repeated} of them under a number that had come before`]
        : []),
      ...violationOf(wrong.map(describe), 'SMS alerts are not what the provider received'),
      ...violationOf(unmatched, 'SMS are of no notice'),
      ...violationOf(
        misdirected.map(({ text }) => trackingNumberIn(text)),
        'SMS went to somebody else',
      ),
    ],
  };
}

/** How many emails of an alert in this state a mail server may have received. */
const ALLOWED_EMAILS_BY_STATE: Record<string, [least: number, most: number]> = {
  sent: [1, 1],
  delivered: [1, 1],
  unknown: [0, 1],
  sending: [0, 1],
};

/** Checks what the mail server received: one email where the record says sent, at most one where the outcome is unknown. */
export function checkEmails(ledger: Ledger, { alerts, emails }: Evidence): CheckResult {
  const alertIn = (messageId: string) => /^<(\d+)\./.exec(messageId)?.[1] ?? '';
  const perAlert = countBy(emails, ({ messageId }) => alertIn(messageId));
  const wrong = alerts.filter(({ id, channel, state }) => {
    if (channel !== 'email') return false;
    const [least, most] = ALLOWED_EMAILS_BY_STATE[state] ?? [0, 0];
    const received = perAlert.get(id) ?? 0;
    return received < least || received > most;
  });
  const duplicates = countDuplicates(perAlert);
  const addresses = new Map(ledger.acknowledged().map(({ answer, email }) => [answer.id, email]));
  const owners = new Map(alerts.map(({ id, noticeId }) => [id, addresses.get(noticeId)]));
  const unmatched = emails.filter(({ messageId }) => !owners.has(alertIn(messageId)));
  const misdirected = emails.filter(({ messageId, to }) => {
    const address = owners.get(alertIn(messageId));
    return address !== undefined && to.join() !== address;
  });
  return {
    duplicates,
    lost: wrong.filter(({ id }) => !perAlert.has(id)).length,
    violations: [
      ...(duplicates > 0 ? [`${duplicates} emails too many`] : []),
      ...violationOf(wrong.map(describe), 'email alerts are not what the mail server received'),
      ...violationOf(
        unmatched.map(({ messageId }) => messageId),
        'emails are of no alert',
      ),
      ...violationOf(
        misdirected.map(({ messageId }) => messageId),
        'emails went to somebody else',
      ),
    ],
  };
}

const describe = ({ id, state, outcome, attemptId }: AlertRow) =>
  `alert ${id} ${state}/${outcome}, attempt ${attemptId}`;
