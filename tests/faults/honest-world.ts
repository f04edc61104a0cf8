import type { FeedEvent } from '../../client';
import type { Evidence } from '../../faults/rig/evidence';
import { createLedger, type Ledger } from '../../faults/rig/ledger';

/** A run in which all went well, to be spoilt in one point. */
export interface RecordedRun {
  ledger: Ledger;
  evidence: Evidence;
}

const NOON = Date.parse('2026-01-01T12:00:00Z');
const at = (seconds: number) => new Date(NOON + seconds * 1_000);
const EMPLOYERS = [
  { nationalId: '0499370899', mobile: '+989120000000', email: 'employer-0@example.ir' },
  { nationalId: '0013542419', mobile: '+989120000001', email: 'employer-1@example.ir' },
] as const;

/** Two notices, one to each employer; the first was looked at twice, and its permit has run out. */
export function aFaultlessRun(): RecordedRun {
  const ledger = createLedger();
  const evidence: Evidence = {
    notices: [],
    alerts: [],
    permits: [{ id: '7', state: 'expired' }],
    events: 0,
    feed: [],
    inboxes: new Map(),
    sms: [],
    codes: [{ nationalId: '0013542419', localId: '900', kept: false }],
    codeMessages: [],
    emails: [],
  };
  EMPLOYERS.forEach((_, n) => {
    serve(ledger, evidence, n);
  });
  const [first] = evidence.notices;
  if (first) Object.assign(first, { views: 2, firstView: at(10), firstViewedAt: at(10) });
  const firstTriedAt = at(9.9).getTime();
  ledger.views.set('notice-0', {
    attempts: 3,
    firstAttemptAt: firstTriedAt,
    shown: 2,
    firstShownAt: at(10.1).getTime(),
  });
  const uses = [
    { requestedAt: at(11).getTime(), status: 200 },
    { requestedAt: at(15).getTime(), status: 404 },
  ];
  ledger.permits.push({ permitId: '7', noticeId: 'notice-0', expiresAt: at(13).getTime(), uses });

  const [visitor] = EMPLOYERS.slice(1);
  ledger.logins.push({ ...(visitor as (typeof EMPLOYERS)[1]), acknowledged: true, signIns: 1 });
  evidence.codeMessages.push({
    ...(evidence.sms[1] as (typeof evidence.sms)[number]),
    localId: '900',
    text: 'کد ورود شما به سامانه ابلاغ: 123456',
  });

  tell('notice.viewed', 0);
  tell('notice.viewed', 0);
  tell('permit.issued', 0, { permitId: '7' });
  tell('permit.expired', 0, { permitId: '7' });
  ledger.feed.push(...evidence.feed.slice(0, 5));
  return { ledger, evidence };

  function tell(type: FeedEvent['type'], n: number, data: Record<string, unknown> = {}) {
    addEvent(evidence, type, n, data);
  }
}

function serve(ledger: Ledger, evidence: Evidence, n: number): void {
  const [id, trackingNumber, reference] = [`notice-${n}`, `10000000000${n}`, `http-${n}`];
  const employer = EMPLOYERS[n] as (typeof EMPLOYERS)[number];
  ledger.recordRequest({ reference, door: 'http', priority: 'normal', ...employer });
  ledger.acknowledge(reference, { id, trackingNumber });
  evidence.notices.push({ id, reference, trackingNumber, firstViewedAt: null, firstView: null, views: 0 });
  evidence.inboxes.set(employer.nationalId, [id]);
  addEvent(evidence, 'notice.accepted', n);
  for (const channel of ['sms', 'email'] as const) {
    const number = String(n * 2 + (channel === 'sms' ? 1 : 2));
    evidence.alerts.push({
      id: number,
      noticeId: id,
      channel,
      state: 'sent',
      attemptId: `50${number}`,
      outcome: 'accepted',
      messageId: `m-${number}`,
      settledAt: at(1),
    });
    addEvent(evidence, 'alert.sent', n, { channel });
  }
  evidence.sms.push({
    id: n,
    localId: `50${n * 2 + 1}`,
    receptor: `0${employer.mobile.slice(3)}`,
    text: `ابلاغ ${trackingNumber}`,
    sender: '10004346',
    at: at(1),
    cost: 1_500,
    parts: 1,
    status: 10,
  });
  evidence.emails.push({
    id: n,
    messageId: `<${n * 2 + 2}.${id}@example.org>`,
    from: 'notices@example.org',
    to: [employer.email],
    subject: 'ابلاغ',
    html: null,
    text: trackingNumber,
    headers: {},
    at: at(1),
    raw: '',
  });
}

function addEvent(
  evidence: Evidence,
  type: FeedEvent['type'],
  n: number,
  data: Record<string, unknown> = {},
): void {
  evidence.events += 1;
  evidence.feed.push({
    seq: evidence.events,
    at: at(evidence.events).toISOString(),
    type,
    noticeId: `notice-${n}`,
    trackingNumber: `10000000000${n}`,
    reference: `http-${n}`,
    data,
  } as unknown as FeedEvent);
}
