import { judge } from '../../faults/rig/judge';
import { aFaultlessRun, type RecordedRun } from './honest-world';

const guilty: [what: string, spoil: (world: RecordedRun) => void, complaint: RegExp][] = [
  ['a lost notice', lose, /^1 acknowledged notices are not in the inbox of their employer: http-0/],
  [
    'a notice in somebody else’s inbox',
    ({ evidence: { inboxes } }) => {
      const [one, other] = [...inboxes.keys()] as [string, string];
      inboxes.set(other, [...(inboxes.get(one) ?? []), ...(inboxes.get(other) ?? [])]);
      inboxes.set(one, []);
    },
    /not in the inbox of their employer: http-0/,
  ],
  [
    'a notice that is listed twice',
    ({ evidence: { inboxes } }) => {
      for (const ids of inboxes.values()) ids.push(...ids);
    },
    /^2 notices are listed more than once/,
  ],
  [
    'a reference that is there twice',
    ({ evidence: { notices } }) => notices.push({ ...first(notices), id: 'notice-9' }),
    /^1 notices are there twice: http-0/,
  ],
  [
    'a notice under another tracking number than was answered',
    ({ evidence: { notices } }) => Object.assign(first(notices), { trackingNumber: '999999999999' }),
    /not in the inbox of their employer: http-0/,
  ],
  [
    'a notice that never had an answer',
    ({ ledger }) => ledger.recordRequest({ ...first([...ledger.notices.values()]), reference: 'http-9' }),
    /^1 notices were never acknowledged: http-9/,
  ],
  [
    'two answers to one reference',
    ({ ledger }) => ledger.acknowledge('http-0', { id: 'notice-9', trackingNumber: '100000000009' }),
    /^http-0 was answered with two ids/,
  ],
  [
    'an alert that is not there',
    ({ evidence: { alerts } }) => alerts.splice(1, 1),
    /^1 notices have not one alert by SMS and one by email: http-0/,
  ],
  [
    'a second SMS of the same attempt',
    ({ evidence: { sms } }) => sms.push(first(sms)),
    /^1 SMS too many, 1 of them under a number that had come before/,
  ],
  [
    'a second SMS of the same notice under another number',
    ({ evidence: { sms } }) => sms.push({ ...first(sms), localId: '509' }),
    /^1 SMS too many, 0 of them/,
  ],
  [
    'an SMS that is on record and never came',
    ({ evidence: { sms } }) => sms.shift(),
    /^1 SMS alerts are not what the provider received: alert 1/,
  ],
  ...['rejected', 'not_sent', 'try_later'].map((outcome): [string, (world: RecordedRun) => void, RegExp] => [
    `an SMS that came although it is on record as ${outcome}`,
    ({ evidence: { alerts } }) => Object.assign(first(alerts), { outcome, state: 'queued' }),
    /^1 SMS alerts are not what the provider received/,
  ]),
  [
    'an alert that counts as sent without an outcome',
    ({ evidence: { alerts } }) => Object.assign(first(alerts), { outcome: null }),
    /^1 SMS alerts are not what the provider received/,
  ],
  [
    'an SMS of no notice',
    ({ evidence: { sms } }) => sms.push({ ...first(sms), localId: '509', text: 'ابلاغ 555555555555' }),
    /^1 SMS are of no notice: 555555555555/,
  ],
  [
    'an SMS at somebody else’s number',
    ({ evidence: { sms } }) => Object.assign(first(sms), { receptor: '09120000001' }),
    /^1 SMS went to somebody else: 100000000000/,
  ],
  ['a second email', ({ evidence: { emails } }) => emails.push(first(emails)), /^1 emails too many/],
  [
    'an email that is on record and never came',
    ({ evidence: { emails } }) => emails.shift(),
    /^1 email alerts are not what the mail server received: alert 2/,
  ],
  [
    'an email that came although its alert waits to be sent',
    ({ evidence: { alerts } }) => Object.assign(alerts[1] ?? {}, { state: 'queued', outcome: 'not_sent' }),
    /^1 email alerts are not what the mail server received: alert 2/,
  ],
  [
    'an email at somebody else’s address',
    ({ evidence: { emails } }) => Object.assign(first(emails), { to: ['employer-1@example.ir'] }),
    /^1 emails went to somebody else/,
  ],
  [
    'an email of no alert',
    ({ evidence: { emails } }) => emails.push({ ...first(emails), messageId: '<999.x@example.org>' }),
    /^1 emails are of no alert/,
  ],
  [
    'a page that was shown and is not on record',
    ({ evidence: { notices } }) => Object.assign(first(notices), { views: 1 }),
    /^1 notices have the wrong views: http-0/,
  ],
  [
    'a view nobody asked for',
    ({ evidence: { notices } }) => Object.assign(notices[1] ?? {}, { views: 1 }),
    /^1 notices have the wrong views: http-1/,
  ],
  [
    'a first view that is a later one',
    ({ evidence: { notices } }) =>
      Object.assign(first(notices), { firstViewedAt: new Date('2026-01-01T12:00:40Z') }),
    /^1 notices have the wrong views: http-0/,
  ],
  [
    'a permit that opened a notice past its end',
    ({ ledger: { permits } }) => Object.assign(first(permits).uses[1] ?? {}, { status: 200 }),
    /^1 permits opened a notice past their end: 7/,
  ],
  [
    'a permit nobody tidied up',
    ({ evidence: { permits } }) => Object.assign(first(permits), { state: 'active' }),
    /^1 permits that are over count as living: 7/,
  ],
  [
    'permits that were never tried',
    ({ ledger: { permits } }) => Object.assign(first(permits), { uses: [] }),
    /^no permit ever opened anything/,
  ],
  [
    'a login code that came twice under one number',
    ({ evidence: { codeMessages } }) => codeMessages.push(first(codeMessages)),
    /^1 login codes came twice/,
  ],
  [
    'a login code that came twice under another number',
    ({ evidence: { codeMessages } }) => codeMessages.push({ ...first(codeMessages), localId: '901' }),
    /^1 mobiles got more login codes than were made for them: 9120000001/,
  ],
  [
    'a login code at somebody else’s number',
    ({ evidence: { codeMessages } }) => Object.assign(first(codeMessages), { receptor: '09120000000' }),
    /^1 mobiles got more login codes than were made for them: 9120000000/,
  ],
  [
    'a login code nobody ever began to send',
    ({ evidence: { codes } }) => Object.assign(first(codes), { localId: null }),
    /^1 login codes were asked for and never begun to be sent: 0013542419/,
  ],
  [
    'a login code that lets in twice',
    ({ ledger: { logins } }) => Object.assign(first(logins), { signIns: 2 }),
    /^1 login codes let a person in twice: 0013542419/,
  ],
  [
    'a login code that is kept',
    ({ evidence: { codes } }) => Object.assign(first(codes), { kept: true }),
    /^1 login codes are kept though nobody can send them any more/,
  ],
  [
    'logins that never came about',
    ({ ledger: { logins } }) => Object.assign(first(logins), { signIns: 0 }),
    /^nobody ever logged in/,
  ],
  ['an event the feed leaves out', ({ evidence: { feed } }) => feed.pop(), /^the feed has 9 events of 10/],
  [
    'an event the feed tells twice',
    ({ evidence: { feed } }) => feed.push(first(feed)),
    /^the feed has 1 events twice/,
  ],
  [
    'a gap for whoever followed the feed',
    ({ ledger: { feed } }) => feed.splice(2, 1),
    /^the follower of the feed saw another event at 2 of 4/,
  ],
  [
    'a notice whose acceptance is told twice',
    ({ evidence }) => tellAgain(evidence, 'notice.accepted'),
    /^1 acknowledged notices, 1 stored ones are not accepted once in the feed/,
  ],
  [
    'an alert that is told as sent twice',
    ({ evidence }) => tellAgain(evidence, 'alert.sent'),
    /^1 alerts have not one alert\.sent for each time they were sent/,
  ],
  [
    'an end of a permit that is told twice',
    ({ evidence }) => tellAgain(evidence, 'permit.expired'),
    /^1 permits do not have permit\.expired once in the feed/,
  ],
];

describe('the ledger', () => {
  it('has nothing to say against a run in which all went well', () => {
    const { ledger, evidence } = aFaultlessRun();
    expect(judge(ledger, evidence)).toEqual({ violations: [], duplicates: 0, lost: 0 });
  });

  it.each(guilty)('finds %s', (_what, spoil, complaint) => {
    const { ledger, evidence } = aFaultlessRun();
    spoil({ ledger, evidence });
    expect(judge(ledger, evidence).violations).toContainEqual(expect.stringMatching(complaint));
  });

  it('counts what was lost and what came twice', () => {
    const world = aFaultlessRun();
    lose(world);
    const { sms } = world.evidence;
    sms.push(sms[1] as (typeof sms)[number]);
    expect(judge(world.ledger, world.evidence)).toMatchObject({ lost: 1, duplicates: 1 });
  });

  it('forgives an email in doubt, whether it came or not', () => {
    const { ledger, evidence } = aFaultlessRun();
    const [came, lost] = evidence.alerts.filter(({ channel }) => channel === 'email');
    for (const alert of [came, lost]) Object.assign(alert ?? {}, { state: 'unknown', outcome: 'unknown' });
    evidence.emails.pop();
    evidence.feed = evidence.feed.filter(
      ({ type, data }) => type !== 'alert.sent' || data.channel !== 'email',
    );
    evidence.events = evidence.feed.length;
    ledger.feed.splice(0, ledger.feed.length, ...evidence.feed);
    expect(judge(ledger, evidence).violations).toEqual([]);
  });
});

const first = <T>(items: T[]): T => items[0] as T;

/** As if the row of an acknowledged notice had never been committed. */
function lose({ evidence: { inboxes } }: RecordedRun): void {
  const [owner] = inboxes.keys();
  inboxes.set(owner as string, []);
}

function tellAgain({ feed }: RecordedRun['evidence'], type: string): void {
  const event = feed.find((one) => one.type === type);
  if (event) feed.push(event);
}
