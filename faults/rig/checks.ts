import type { AlertRow, Evidence } from './evidence';
import type { Ledger } from './ledger';

/** What did not hold, in words; nothing when all held. */
export interface Findings {
  complaints: string[];
  doubles: number;
  lost: number;
}

/** Milliseconds two clocks of one machine may seem apart, by rounding. */
const ROUNDING_MS = 2;
const TRACKING_NUMBER = /\d{12}/;

export function countBy<T>(items: T[], keyOf: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}

/** A few of them, so that a complaint can be looked into. */
const some = (items: string[]) => items.slice(0, 3).join(', ');

/** Every notice that was acknowledged is there once, as it was answered, and its owner's pages list it. */
export function checkInbox(ledger: Ledger, { notices, inboxes }: Evidence): Findings {
  const stored = new Map(notices.map((row) => [row.id, row]));
  const listed = countBy([...inboxes.values()].flat(), (id) => id);
  const references = countBy(notices, ({ reference }) => reference);
  const missing = ledger
    .acknowledged()
    .filter(({ answer, reference }) => {
      const row = stored.get(answer.id);
      return (
        row?.reference !== reference || row.trackingNumber !== answer.trackingNumber || !listed.has(answer.id)
      );
    })
    .map(({ reference }) => reference);
  const twice = [...references].filter(([, count]) => count > 1).map(([reference]) => reference);
  const unanswered = [...ledger.notices.values()].filter(({ answer }) => !answer);
  return {
    doubles: twice.length,
    lost: missing.length,
    complaints: [
      ...(missing.length > 0
        ? [`${missing.length} acknowledged notices are not in the inbox: ${some(missing)}`]
        : []),
      ...(twice.length > 0 ? [`${twice.length} notices are there twice: ${some(twice)}`] : []),
      ...(unanswered.length > 0
        ? [
            `${unanswered.length} notices were never acknowledged: ${some(unanswered.map(({ reference }) => reference))}`,
          ]
        : []),
    ],
  };
}

const HANDED_OVER = ['sent', 'delivered'];

/** What the SMS provider received: once per attempt and once per notice, and just what is on record. */
export function checkSms({ notices, alerts, sms }: Evidence): Findings {
  const trackingNumbers = new Map(notices.map(({ id, trackingNumber }) => [id, trackingNumber]));
  const perNotice = countBy(sms, ({ text }) => TRACKING_NUMBER.exec(text)?.[0] ?? '');
  const perAttempt = countBy(sms, ({ localId }) => localId ?? '');
  const ours = alerts.filter(({ channel }) => channel === 'sms');
  const numberOf = ({ noticeId }: AlertRow) => trackingNumbers.get(noticeId) as string;
  const wrong = ours.filter((alert) => {
    const received = perNotice.get(numberOf(alert)) ?? 0;
    if (alert.outcome === 'accepted') return received < 1 || !perAttempt.has(alert.attemptId as string);
    if (alert.outcome === 'rejected') return received > 0;
    return HANDED_OVER.includes(alert.state);
  });
  const extra = [...perNotice.values()].reduce((sum, count) => sum + count - 1, 0);
  const repeated = [...perAttempt].filter(([, count]) => count > 1).length;
  const known = new Set(trackingNumbers.values());
  const strangers = [...perNotice.keys()].filter((number) => !known.has(number));
  return {
    doubles: extra,
    lost: wrong.length,
    complaints: [
      ...(extra > 0 ? [`${extra} SMS too many, ${repeated} attempts received more than once`] : []),
      ...(wrong.length > 0
        ? [`${wrong.length} SMS alerts are not what the provider received: ${some(wrong.map(describe))}`]
        : []),
      ...(strangers.length > 0 ? [`${strangers.length} SMS are of no notice`] : []),
    ],
  };
}

/** How often a mail server may have got the email of an alert in this state. */
const EMAILS: Record<string, [least: number, most: number]> = {
  sent: [1, 1],
  delivered: [1, 1],
  unknown: [0, 1],
  sending: [0, 1],
};

/** What the mail server received: once where it is on record as sent, and at most once where that is not known. */
export function checkEmails({ alerts, emails }: Evidence): Findings {
  const perAlert = countBy(emails, ({ messageId }) => /^<(\d+)\./.exec(messageId)?.[1] ?? '');
  const wrong = alerts.filter(({ id, channel, state }) => {
    if (channel !== 'email') return false;
    const [least, most] = EMAILS[state] ?? [0, 0];
    const received = perAlert.get(id) ?? 0;
    return received < least || received > most;
  });
  const extra = [...perAlert.values()].reduce((sum, count) => sum + count - 1, 0);
  return {
    doubles: extra,
    lost: wrong.filter(({ id }) => !perAlert.has(id)).length,
    complaints: [
      ...(extra > 0 ? [`${extra} emails too many`] : []),
      ...(wrong.length > 0
        ? [`${wrong.length} email alerts are not what the mail server received: ${some(wrong.map(describe))}`]
        : []),
    ],
  };
}

const describe = ({ id, state, outcome, attemptId }: AlertRow) =>
  `alert ${id} ${state}/${outcome}, attempt ${attemptId}`;

/** Every page that was shown is on record, and the first of them is the first view. */
export function checkViews({ views }: Ledger, { notices }: Evidence): Findings {
  const wrong = notices.filter(({ id, firstViewedAt, firstView, views: recorded }) => {
    const entry = views.get(id);
    if (!entry) return recorded > 0;
    if (recorded < entry.shown || recorded > entry.tries) return true;
    if (recorded === 0) return firstViewedAt !== null;
    const at = firstViewedAt?.getTime();
    if (at === undefined || at !== firstView?.getTime()) return true;
    const tooEarly = at < entry.firstTriedAt - ROUNDING_MS;
    return tooEarly || (entry.firstShownAt !== null && at > entry.firstShownAt + ROUNDING_MS);
  });
  const references = wrong.map(({ reference }) => reference);
  return {
    doubles: 0,
    lost: wrong.length,
    complaints: wrong.length > 0 ? [`${wrong.length} notices have the wrong views: ${some(references)}`] : [],
  };
}

/** No permit opened anything once it was over, and those that are over are tidied up. */
export function checkPermits({ permits }: Ledger, evidence: Evidence): Findings {
  const states = new Map(evidence.permits.map(({ id, state }) => [id, state]));
  const opened = permits.filter(({ expiresAt, uses }) =>
    uses.some(({ askedAt, status }) => status === 200 && askedAt >= expiresAt + ROUNDING_MS),
  );
  const left = permits.filter(({ permitId }) => states.get(permitId) !== 'expired');
  const answered = permits.some(({ uses }) => uses.some(({ status }) => status === 200));
  return {
    doubles: 0,
    lost: left.length,
    complaints: [
      ...(opened.length > 0 ? [`${opened.length} permits opened a notice past their end`] : []),
      ...(left.length > 0 ? [`${left.length} permits that are over count as living`] : []),
      ...(answered ? [] : ['no permit ever opened anything, so nothing is proven of them']),
    ],
  };
}
