import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { createAlerts } from '../../core/alerts/alerts';
import { createLines } from '../../core/channels/lines';
import { createSmtp } from '../../core/channels/smtp';
import { sendEmail } from '../../workers/send-email';
import { type AlertDesk, createAlertDesk, outboxIds, type TestAlert } from '../support/alert-desk';
import { useDatabase } from '../support/database';
import { shutChannels } from '../support/shut-channels';
import { type Providers, startProviders } from './providers';

const HOUR = 3600;
const STALE = 91;

const test = useDatabase({ max: 20 });
let desk: AlertDesk;
let providers: Providers;

beforeAll(async () => {
  desk = await createAlertDesk(test.db);
});
beforeEach(async () => {
  await createLines(test.db).openChannel('email');
  providers = await startProviders();
});
afterEach(() => providers.close());

const mailboxes = (count: number) => Array.from({ length: count }, (_, i) => `person-${i}@example.org`);
const send = (alerts: TestAlert[], onUnknown: 'park' | 'resend' = 'park') =>
  sendEmail(providers.sendEmailDeps(test.db, onUnknown), 'email-normal', outboxIds(alerts));
const one = async (address = 'ali@example.org'): Promise<TestAlert> =>
  (await desk.accept([address]))[0] as TestAlert;
const eventTypes = async (alert: TestAlert) => (await desk.events(alert)).map(({ type }) => type);
const dieSending = (alert: TestAlert) =>
  createAlerts(test.db, 'email').claim('email-normal', [alert.outboxId], 'smtp');

describe('a set of emails', () => {
  it('goes out one by one, each to its own reader, and nothing is left to do', async () => {
    const alerts = await desk.accept(mailboxes(20));
    await send(alerts);
    expect(new Set(await desk.states(alerts))).toEqual(new Set(['sent']));
    const emails = providers.smtp.messages();
    expect(emails.flatMap(({ to }) => to).sort()).toEqual(mailboxes(20).sort());
    const [alert] = alerts as [TestAlert];
    expect(emails.find(({ to }) => to[0] === 'person-0@example.org')).toMatchObject({
      messageId: `<${alert.alertId}.${alert.noticeId}@ablagh.example>`,
      subject: expect.stringMatching(/شماره پیگیری [۰-۹]{12}$/),
      text: expect.stringContaining('شرکت نمونه گرامی'),
    });
    expect(await desk.attempts(alert)).toMatchObject([
      { provider: 'smtp', outcome: 'accepted', code: '250', cost: null },
    ]);
    expect(await eventTypes(alert)).toEqual(['alert.sent']);
    expect(await desk.work(alert)).toBeNull();
  });

  it('that runs twice is sent once', async () => {
    const alerts = await desk.accept(mailboxes(3));
    await send(alerts);
    await send(alerts);
    expect(providers.smtp.count()).toBe(3);
    expect(await desk.attempts(alerts[0] as TestAlert)).toHaveLength(1);
  });

  it('that runs many times at once is sent once', async () => {
    const alerts = await desk.accept(mailboxes(20));
    await Promise.all(Array.from({ length: 4 }, () => send(alerts)));
    expect(providers.smtp.count()).toBe(20);
  });

  it('is not spoiled by one of them', async () => {
    const alerts = await desk.accept([
      'reject@example.org',
      'ali@example.org',
      'drop@example.org',
      'full@example.org',
      'sara@example.org',
    ]);
    await send(alerts);
    expect(await desk.states(alerts)).toEqual(['failed', 'sent', 'unknown', 'queued', 'sent']);
  });

  it('is counted', async () => {
    const deps = providers.sendEmailDeps(test.db);
    const counted = jest.spyOn(deps.metrics, 'countAttempts');
    await sendEmail(deps, 'email-bulk', outboxIds(await desk.accept(mailboxes(2), { lane: 'bulk' })));
    expect(counted.mock.calls).toEqual([['email', 'bulk', 'accepted', 2]]);
  });
});

describe('an email that is refused for good', () => {
  it('has failed and is not tried again', async () => {
    const alert = await one('reject@example.org');
    await send([alert]);
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['failed']);
    expect(await desk.attempts(alert)).toMatchObject([{ outcome: 'rejected', code: '550' }]);
    expect(await eventTypes(alert)).toEqual(['alert.failed']);
    expect(await desk.work(alert)).toBeNull();
  });
});

describe('an email that is put off', () => {
  it('is tried again until it goes through', async () => {
    const alert = await one('greylist@example.org');
    for (const state of ['queued', 'queued', 'sent']) {
      await send([alert]);
      expect(await desk.states([alert])).toEqual([state]);
    }
    expect(await desk.attempts(alert)).toMatchObject([
      { outcome: 'try_later', code: '451' },
      { outcome: 'try_later' },
      { outcome: 'accepted' },
    ]);
    expect(providers.smtp.count()).toBe(1);
  });

  it('is tried again when the mail server cannot be reached', async () => {
    const alert = await one();
    await providers.close();
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['queued']);
    expect(await desk.work(alert)).toMatchObject({ queue: 'email-normal' });
    providers = await startProviders();
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['sent']);
  });
});

describe('an email of unknown fate', () => {
  it('is left for a person, and never sent again by itself', async () => {
    const alert = await one('drop@example.org');
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['unknown']);
    expect(await desk.reason(alert)).toContain('a person decides');
    expect(await desk.events(alert)).toMatchObject([
      { type: 'alert.unknown', data: { channel: 'email', reason: expect.stringContaining('lost') } },
    ]);
    expect(await desk.work(alert)).toBeNull();
    await send([alert], 'resend');
    expect(providers.smtp.count()).toBe(1);
  });

  it('is sent again under the same Message-ID where that is configured', async () => {
    const alert = await one('drop@example.org');
    await send([alert], 'resend');
    expect(await desk.states([alert])).toEqual(['queued']);
    expect(await desk.work(alert)).toMatchObject({ queue: 'email-normal' });
    providers.smtp.setBehaviour(({ stage }) => (stage === 'data' ? { delayMs: 1 } : 'pass'));
    await send([alert], 'resend');
    expect(await desk.states([alert])).toEqual(['sent']);
    const [first, second] = providers.smtp.messages();
    expect(first?.messageId).toBe(second?.messageId);
    expect(providers.smtp.count()).toBe(2);
    expect(await desk.attempts(alert)).toMatchObject([{ outcome: 'unknown' }, { outcome: 'accepted' }]);
  });
});

describe('an email whose worker is gone', () => {
  it('is of unknown fate: it is left for a person', async () => {
    const alert = await one();
    await dieSending(alert);
    await desk.age([alert], STALE);
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['unknown']);
    expect(await desk.attempts(alert)).toMatchObject([{ outcome: 'unknown', code: 'worker_lost' }]);
    expect(await desk.work(alert)).toBeNull();
    expect(providers.smtp.count()).toBe(0);
  });

  it('is sent again where that is configured', async () => {
    const alert = await one();
    await dieSending(alert);
    await desk.age([alert], STALE);
    await send([alert], 'resend');
    await send([alert], 'resend');
    expect(await desk.states([alert])).toEqual(['sent']);
    expect(providers.smtp.count()).toBe(1);
  });

  it('is left alone while that worker may still be at it', async () => {
    const alert = await one();
    await dieSending(alert);
    await desk.age([alert], 75);
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['sending']);
    const work = await desk.work(alert);
    expect(work?.relayIn).toBeGreaterThan(5);
    expect(work?.relayIn).toBeLessThanOrEqual(15);
    expect(providers.smtp.count()).toBe(0);
  });
});

describe('a mail server that refuses our credentials', () => {
  let refusing: SMTPServer;

  beforeEach(async () => {
    refusing = new SMTPServer({
      allowInsecureAuth: true,
      disabledCommands: ['STARTTLS'],
      onAuth: (_auth, _session, done) => done(Object.assign(new Error('no'), { responseCode: 535 })),
    });
    refusing.on('error', () => {});
    refusing.listen(0, '127.0.0.1');
    await once(refusing.server, 'listening');
  });
  afterEach(() => new Promise<void>((closed) => refusing.close(closed)));

  it('closes the channel, and everything goes out once a person opened it', async () => {
    const { port } = refusing.server.address() as AddressInfo;
    const email = createSmtp({
      url: `smtp://ablagh:wrong@127.0.0.1:${port}`,
      from: 'notices@ablagh.example',
    });
    const alerts = await desk.accept(mailboxes(10));
    await sendEmail({ ...providers.sendEmailDeps(test.db), email }, 'email-normal', outboxIds(alerts));
    email.close();
    expect(await shutChannels(test.db)).toEqual(['email']);
    expect(new Set(await desk.states(alerts))).toEqual(new Set(['queued']));
    expect(providers.logged.filter(({ level }) => level === 50)).toMatchObject([
      { line: 'smtp', code: '535', opensByItself: false },
    ]);
    await send(alerts);
    expect(providers.smtp.count()).toBe(0);
    await createLines(test.db).openChannel('email');
    await send(alerts);
    expect(new Set(await desk.states(alerts))).toEqual(new Set(['sent']));
    expect(providers.smtp.count()).toBe(10);
  });
});

describe('a set of emails whose server does not answer', () => {
  it('stops after five failures in a row, and what was not begun counts as no try', async () => {
    const alerts = await desk.accept(mailboxes(100));
    await providers.smtp.close();
    await send(alerts);
    const attempts = await Promise.all(alerts.map((alert) => desk.attempts(alert)));
    const tried = attempts.filter(({ length }) => length > 0).length;
    expect(tried).toBeGreaterThanOrEqual(5);
    expect(tried).toBeLessThanOrEqual(5 + providers.email.concurrency);
    expect(new Set(await desk.states(alerts))).toEqual(new Set(['queued']));
    expect(await shutChannels(test.db)).toEqual(['email']);
    await send(alerts);
    const [row] = await test.db.query<{ tries: number }>(
      'SELECT sum(attempt_count)::int AS tries FROM alerts WHERE id = ANY($1::bigint[])',
      [alerts.map(({ alertId }) => alertId)],
    );
    expect(row?.tries).toBe(tried);
  });

  it('is tried with one email once its time is over, and goes out when that did', async () => {
    const alerts = await desk.accept(mailboxes(10));
    await createLines(test.db).disable('smtp', 'closed', '535', 'credentials');
    await createLines(test.db).open('smtp');
    await test.db.query(`UPDATE lines SET failures = 5, broken_until = now() WHERE name = 'smtp'`);
    await send(alerts);
    expect(providers.smtp.count()).toBe(1);
    await send(alerts);
    expect(providers.smtp.count()).toBe(10);
  });
});

describe('a set of emails that is larger than the rate of its line', () => {
  afterEach(() => createLines(test.db).setRate('smtp', null));

  it('goes out as far as there is room, and the rest waits as if nobody had looked at it', async () => {
    await createLines(test.db).setRate('smtp', 10);
    const alerts = await desk.accept(mailboxes(30));
    await send(alerts);
    expect(providers.smtp.count()).toBe(8);
    const states = await desk.states(alerts);
    expect(states.filter((state) => state === 'queued')).toHaveLength(22);
    const last = alerts[states.lastIndexOf('queued')] as TestAlert;
    expect(await desk.attempts(last)).toEqual([]);
    expect((await desk.work(last))?.relayIn).toBeLessThanOrEqual(0);
  });
});

describe('an email that waited too long', () => {
  it('expires and is not sent', async () => {
    const alert = await one();
    await desk.age([alert], 73 * HOUR);
    await send([alert]);
    expect(await desk.states([alert])).toEqual(['expired']);
    expect(await eventTypes(alert)).toEqual(['alert.expired']);
    expect(providers.smtp.count()).toBe(0);
  });
});
