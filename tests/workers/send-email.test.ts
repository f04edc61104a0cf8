import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { createAlerts } from '../../core/alerts/alerts';
import { createLines } from '../../core/channels/lines';
import { createSmtp } from '../../core/channels/smtp';
import { sendEmail } from '../../workers/send-email';
import { outboxIds, type TestAlert } from '../support/alert-desk';
import { shutChannels } from '../support/shut-channels';
import { useWorkersScene } from './scene';

const HOUR = 3600;
const STALE = 91;

const scene = useWorkersScene();

const mailboxes = (count: number) => Array.from({ length: count }, (_, i) => `person-${i}@example.org`);
const send = (alerts: TestAlert[], onUnknown: 'park' | 'resend' = 'park') =>
  sendEmail(scene.providers.sendEmailDeps(scene.db, onUnknown), 'email-normal', outboxIds(alerts));
const one = async (address = 'ali@example.org'): Promise<TestAlert> =>
  (await scene.desk.accept([address]))[0] as TestAlert;
const eventTypes = async (alert: TestAlert) => (await scene.desk.events(alert)).map(({ type }) => type);
const dieSending = (alert: TestAlert) =>
  createAlerts(scene.db, 'email').claim('email-normal', [alert.outboxId], 'smtp');

describe('a set of emails', () => {
  it('goes out one by one, each to its own recipient, and leaves no work', async () => {
    const alerts = await scene.desk.accept(mailboxes(20));
    await send(alerts);
    expect(new Set(await scene.desk.states(alerts))).toEqual(new Set(['sent']));
    const emails = scene.providers.smtp.messages();
    expect(emails.flatMap(({ to }) => to).sort()).toEqual(mailboxes(20).sort());
    const [alert] = alerts as [TestAlert];
    expect(emails.find(({ to }) => to[0] === 'person-0@example.org')).toMatchObject({
      messageId: `<${alert.alertId}.${alert.noticeId}@ablagh.example>`,
      subject: expect.stringMatching(/شماره پیگیری [۰-۹]{12}$/),
      text: expect.stringContaining('شرکت نمونه گرامی'),
    });
    expect(await scene.desk.attempts(alert)).toMatchObject([
      { provider: 'smtp', outcome: 'accepted', code: '250', cost: null },
    ]);
    expect(await eventTypes(alert)).toEqual(['alert.sent']);
    expect(await scene.desk.work(alert)).toBeNull();
  });

  it('that runs twice is sent once', async () => {
    const alerts = await scene.desk.accept(mailboxes(3));
    await send(alerts);
    await send(alerts);
    expect(scene.providers.smtp.count()).toBe(3);
    expect(await scene.desk.attempts(alerts[0] as TestAlert)).toHaveLength(1);
  });

  it('that runs many times at once is sent once', async () => {
    const alerts = await scene.desk.accept(mailboxes(20));
    await Promise.all(Array.from({ length: 4 }, () => send(alerts)));
    expect(scene.providers.smtp.count()).toBe(20);
  });

  it('is sent though one of its messages fails', async () => {
    const alerts = await scene.desk.accept([
      'reject@example.org',
      'ali@example.org',
      'drop@example.org',
      'full@example.org',
      'sara@example.org',
    ]);
    await send(alerts);
    expect(await scene.desk.states(alerts)).toEqual(['failed', 'sent', 'unknown', 'queued', 'sent']);
  });

  it('is counted', async () => {
    const deps = scene.providers.sendEmailDeps(scene.db);
    const counted = jest.spyOn(deps.metrics, 'countAttempts');
    await sendEmail(deps, 'email-bulk', outboxIds(await scene.desk.accept(mailboxes(2), { lane: 'bulk' })));
    expect(counted.mock.calls).toEqual([['email', 'bulk', 'accepted', 2]]);
  });
});

describe('an email that the server rejects', () => {
  it('fails and is not tried again', async () => {
    const alert = await one('reject@example.org');
    await send([alert]);
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['failed']);
    expect(await scene.desk.attempts(alert)).toMatchObject([{ outcome: 'rejected', code: '550' }]);
    expect(await eventTypes(alert)).toEqual(['alert.failed']);
    expect(await scene.desk.work(alert)).toBeNull();
  });
});

describe('an email that the server puts off', () => {
  it('is tried again until it goes through', async () => {
    const alert = await one('greylist@example.org');
    for (const state of ['queued', 'queued', 'sent']) {
      await send([alert]);
      expect(await scene.desk.states([alert])).toEqual([state]);
    }
    expect(await scene.desk.attempts(alert)).toMatchObject([
      { outcome: 'try_later', code: '451' },
      { outcome: 'try_later' },
      { outcome: 'accepted' },
    ]);
    expect(scene.providers.smtp.count()).toBe(1);
  });

  it('is tried again when the mail server cannot be reached', async () => {
    const alert = await one();
    await scene.providers.close();
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['queued']);
    expect(await scene.desk.work(alert)).toMatchObject({ queue: 'email-normal' });
    await scene.startProvidersAgain();
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['sent']);
  });
});

describe('an unknown email', () => {
  it('is left for a person, and never sent again by itself', async () => {
    const alert = await one('drop@example.org');
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['unknown']);
    expect(await scene.desk.reason(alert)).toContain('a person decides');
    expect(await scene.desk.events(alert)).toMatchObject([
      { type: 'alert.unknown', data: { channel: 'email', reason: expect.stringContaining('lost') } },
    ]);
    expect(await scene.desk.work(alert)).toBeNull();
    await send([alert], 'resend');
    expect(scene.providers.smtp.count()).toBe(1);
  });

  it('is sent again under the same Message-ID where that is configured', async () => {
    const alert = await one('drop@example.org');
    await send([alert], 'resend');
    expect(await scene.desk.states([alert])).toEqual(['queued']);
    expect(await scene.desk.work(alert)).toMatchObject({ queue: 'email-normal' });
    scene.providers.smtp.setBehaviour(({ stage }) => (stage === 'data' ? { delayMs: 1 } : 'pass'));
    await send([alert], 'resend');
    expect(await scene.desk.states([alert])).toEqual(['sent']);
    const [first, second] = scene.providers.smtp.messages();
    expect(first?.messageId).toBe(second?.messageId);
    expect(scene.providers.smtp.count()).toBe(2);
    expect(await scene.desk.attempts(alert)).toMatchObject([{ outcome: 'unknown' }, { outcome: 'accepted' }]);
  });
});

describe('an email whose worker died', () => {
  it('is unknown, and left for a person', async () => {
    const alert = await one();
    await dieSending(alert);
    await scene.desk.age([alert], STALE);
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['unknown']);
    expect(await scene.desk.attempts(alert)).toMatchObject([{ outcome: 'unknown', code: 'worker_lost' }]);
    expect(await scene.desk.work(alert)).toBeNull();
    expect(scene.providers.smtp.count()).toBe(0);
  });

  it('is sent again where that is configured', async () => {
    const alert = await one();
    await dieSending(alert);
    await scene.desk.age([alert], STALE);
    await send([alert], 'resend');
    await send([alert], 'resend');
    expect(await scene.desk.states([alert])).toEqual(['sent']);
    expect(scene.providers.smtp.count()).toBe(1);
  });

  it('is left alone while that worker may still be sending', async () => {
    const alert = await one();
    await dieSending(alert);
    await scene.desk.age([alert], 75);
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['sending']);
    const work = await scene.desk.work(alert);
    expect(work?.relayIn).toBeGreaterThan(5);
    expect(work?.relayIn).toBeLessThanOrEqual(15);
    expect(scene.providers.smtp.count()).toBe(0);
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

  it('closes the line, and everything goes out once an operator opens it', async () => {
    const { port } = refusing.server.address() as AddressInfo;
    const email = createSmtp({
      url: `smtp://ablagh:wrong@127.0.0.1:${port}`,
      from: 'notices@ablagh.example',
    });
    const alerts = await scene.desk.accept(mailboxes(10));
    await sendEmail({ ...scene.providers.sendEmailDeps(scene.db), email }, 'email-normal', outboxIds(alerts));
    email.close();
    expect(await shutChannels(scene.db)).toEqual(['email']);
    expect(new Set(await scene.desk.states(alerts))).toEqual(new Set(['queued']));
    expect(scene.providers.logged.filter(({ level }) => level === 50)).toMatchObject([
      { line: 'smtp', code: '535', opensByItself: false },
    ]);
    await send(alerts);
    expect(scene.providers.smtp.count()).toBe(0);
    await createLines(scene.db).openChannel('email');
    await send(alerts);
    expect(new Set(await scene.desk.states(alerts))).toEqual(new Set(['sent']));
    expect(scene.providers.smtp.count()).toBe(10);
  });
});

describe('a set of emails whose server does not answer', () => {
  it('stops after five failures in a row, and counts no attempt for the others', async () => {
    const alerts = await scene.desk.accept(mailboxes(100));
    await scene.providers.smtp.close();
    await send(alerts);
    const attempts = await Promise.all(alerts.map((alert) => scene.desk.attempts(alert)));
    const tried = attempts.filter(({ length }) => length > 0).length;
    expect(tried).toBeGreaterThanOrEqual(5);
    expect(tried).toBeLessThanOrEqual(5 + scene.providers.email.concurrency);
    expect(new Set(await scene.desk.states(alerts))).toEqual(new Set(['queued']));
    expect(await shutChannels(scene.db)).toEqual(['email']);
    await send(alerts);
    const [row] = await scene.db.query<{ tries: number }>(
      'SELECT sum(attempt_count)::int AS tries FROM alerts WHERE id = ANY($1::bigint[])',
      [alerts.map(({ alertId }) => alertId)],
    );
    expect(row?.tries).toBe(tried);
  });

  it('is probed with one email after a while, and goes out when that was sent', async () => {
    const alerts = await scene.desk.accept(mailboxes(10));
    await createLines(scene.db).disable('smtp', 'closed', '535', 'credentials');
    await createLines(scene.db).open('smtp');
    await scene.db.query(`UPDATE lines SET failures = 5, broken_until = now() WHERE name = 'smtp'`);
    await send(alerts);
    expect(scene.providers.smtp.count()).toBe(1);
    await send(alerts);
    expect(scene.providers.smtp.count()).toBe(10);
  });
});

describe('a set of emails that is larger than the rate of its line', () => {
  afterEach(() => createLines(scene.db).setRate('smtp', null));

  it('goes out as far as there is capacity, and the rest waits unclaimed', async () => {
    await createLines(scene.db).setRate('smtp', 10);
    const alerts = await scene.desk.accept(mailboxes(30));
    await send(alerts);
    expect(scene.providers.smtp.count()).toBe(8);
    const states = await scene.desk.states(alerts);
    expect(states.filter((state) => state === 'queued')).toHaveLength(22);
    const last = alerts[states.lastIndexOf('queued')] as TestAlert;
    expect(await scene.desk.attempts(last)).toEqual([]);
    expect((await scene.desk.work(last))?.relayIn).toBeLessThanOrEqual(0);
  });
});

describe('an email that waited too long', () => {
  it('expires and is not sent', async () => {
    const alert = await one();
    await scene.desk.age([alert], 73 * HOUR);
    await send([alert]);
    expect(await scene.desk.states([alert])).toEqual(['expired']);
    expect(await eventTypes(alert)).toEqual(['alert.expired']);
    expect(scene.providers.smtp.count()).toBe(0);
  });
});
