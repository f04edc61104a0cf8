import { acceptNotices } from '../../core/notices/accept-notices';
import type { Accepted } from '../../core/notices/notice-schema';
import { createLog, type Log } from '../../core/platform/log';
import { createMetrics } from '../../core/platform/metrics';
import { checkReceipts } from '../../workers/check-receipts';
import { sendEmail } from '../../workers/send-email';
import { sendSms } from '../../workers/sms/send-sms';
import { useDatabase } from '../support/database';
import { addSource, aNotice, registerEmployer } from '../support/fixtures';
import { workFor } from '../support/served-notice';
import { type Providers, startProviders } from './providers';

const test = useDatabase();
let providers: Providers;

beforeAll(async () => {
  await registerEmployer(test.db);
});
beforeEach(async () => {
  providers = await startProviders();
});
afterEach(() => providers.close());

/** Serves a notice, sends its alerts and asks for the receipt. @returns the notice, and what was logged of it */
async function serve(level: 'debug' | 'info') {
  const lines: Record<string, unknown>[] = [];
  const log: Log = createLog('test', level, { write: (line) => void lines.push(JSON.parse(line)) });
  const { caller } = await addSource(test.db);
  const metrics = createMetrics();
  const acceptance = {
    db: test.db,
    attachments: { put: async () => {}, get: async () => Buffer.alloc(0) },
    wording: { template: '{name}: {trackingNumber}', suffix: '' },
    alertTtlHours: 72,
    countAccepted: metrics.countAccepted,
    log,
  };
  const source = { id: caller.sourceId, code: caller.sourceCode };
  const input = aNotice({ priority: 'urgent' });
  const [answer] = await acceptNotices(acceptance, [{ door: 'http', source, keyId: caller.keyId, input }]);
  const { id: noticeId, trackingNumber } = answer as Accepted;
  const alerts = await test.db.query<{ id: string; channel: string }>(
    'SELECT id, channel FROM alerts WHERE notice_id = $1 ORDER BY channel DESC',
    [noticeId],
  );
  const [sms, email] = alerts.map(({ id }) => id) as [string, string];
  const told = { log, metrics };
  await sendSms(
    { ...providers.sendSmsDeps(test.db), ...told },
    'sms-urgent',
    await workFor(test.db, 'sms-urgent', [sms]),
  );
  await sendEmail(
    { ...providers.sendEmailDeps(test.db), ...told },
    'email-urgent',
    await workFor(test.db, 'email-urgent', [email]),
  );
  await checkReceipts(
    { ...providers.receiptDeps(test.db), ...told },
    await workFor(test.db, 'sms-receipts', [sms]),
  );
  return { noticeId, trackingNumber, sms, email, source, lines, metrics: await metrics.readTraffic() };
}

describe('one notice', () => {
  it('can be followed by its id through the log, from acceptance to delivery', async () => {
    const { noticeId, trackingNumber, sms, email, source, lines } = await serve('debug');
    const story = lines.filter((line) => line.noticeId === noticeId);
    const attemptId = story.find((line) => line.alertId === sms)?.attemptId;
    expect(attemptId).toMatch(/^\d+$/);
    expect(story).toMatchObject([
      { level: 20, msg: 'notice accepted', trackingNumber, source: source.code, lane: 'urgent' },
      { level: 20, msg: 'alert claimed', alertId: sms, attemptId, channel: 'sms', tries: 1 },
      { level: 20, msg: 'attempt settled', alertId: sms, attemptId, outcome: 'accepted', state: 'sent' },
      { level: 20, msg: 'alert claimed', alertId: email, channel: 'email' },
      { level: 20, msg: 'attempt settled', alertId: email, line: 'smtp', code: '250', state: 'sent' },
      { level: 20, alertId: sms, attemptId, line: 'kavenegar', state: 'delivered' },
    ]);
  });

  it('is not logged at the usual level, and never with personal data', async () => {
    const { noticeId, lines } = await serve('info');
    expect(lines.filter((line) => line.noticeId === noticeId)).toEqual([]);
    const { lines: all } = await serve('debug');
    expect(JSON.stringify(all)).not.toMatch(/9121234567|employer@|0499370899|شرکت/);
  });

  it('is counted on its way, by its lane', async () => {
    const { metrics } = await serve('info');
    expect(metrics.accepted).toMatchObject([{ labels: { lane: 'urgent' }, value: 1 }]);
    expect(metrics.attempts).toMatchObject([
      { labels: { channel: 'sms', lane: 'urgent', outcome: 'accepted' }, value: 1 },
      { labels: { channel: 'email', lane: 'urgent', outcome: 'accepted' }, value: 1 },
    ]);
    expect(metrics.receipts).toMatchObject([
      { labels: { channel: 'sms', lane: 'urgent', state: 'delivered' }, value: 1 },
    ]);
    expect(metrics.handover.map(({ labels, count }) => [labels.channel, count])).toEqual([
      ['sms', 1],
      ['email', 1],
    ]);
  });
});
