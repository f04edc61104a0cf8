import { createInquiries } from '../../core/inquiries/inquiries';
import { createSenderNoticeReader } from '../../core/notices/sender-notice-view';
import { createPermits } from '../../core/permits/permits';
import { checkReceipts } from '../../workers/check-receipts';
import { sendSms } from '../../workers/sms/send-sms';
import { useDatabase } from '../support/database';
import { eventsOf, serveNotice, workFor } from '../support/served-notice';
import { type Providers, startProviders } from './providers';

const SECRET_KEY = 'a secret of more than thirty-two bytes';

describe('the SMS of a first inquiry', () => {
  const test = useDatabase();
  let providers: Providers;
  beforeEach(async () => {
    providers = await startProviders();
  });
  afterEach(() => providers.close());

  /** A notice that was inquired, the id of the SMS to its owner, and the work of sending that. */
  const inquired = async () => {
    const notice = await serveNotice(test.db);
    const issued = await createPermits(test.db, SECRET_KEY).issue({ ...notice, duration: 'day' });
    await createInquiries(test.db, SECRET_KEY, { refusalMs: 0 }).answer({
      nationalId: notice.nationalId,
      passcode: issued?.passcode as string,
      bodyName: 'بانک',
      address: '192.0.2.1',
      actor: 'panel',
    });
    const [sms] = await test.db.query<{ id: string; text: string }>(
      'SELECT id, text FROM alerts WHERE notice_id = $1 AND text IS NOT NULL',
      [notice.noticeId],
    );
    const id = sms?.id as string;
    return { notice, id, text: sms?.text, work: await workFor(test.db, 'sms-urgent', [id]) };
  };
  const stateOf = async (id: string) => {
    const [row] = await test.db.query<{ state: string }>('SELECT state FROM alerts WHERE id = $1', [id]);
    return row?.state;
  };

  it('is sent with its own text, and not that of the notice', async () => {
    const { id, text, work } = await inquired();
    await sendSms(providers.sendSmsDeps(test.db), 'sms-urgent', work);
    expect(await stateOf(id)).toBe('sent');
    expect(providers.kavenegar.messages().map((message) => message.text)).toEqual([text]);
  });

  it('is not shown as an alert of the notice: neither in its timeline nor to its sender', async () => {
    const { notice, id, work } = await inquired();
    await sendSms(providers.sendSmsDeps(test.db), 'sms-urgent', work);
    await checkReceipts(providers.receiptDeps(test.db), await workFor(test.db, 'sms-receipts', [id]));
    expect(await stateOf(id)).toBe('delivered');
    expect((await eventsOf(test.db, notice.noticeId)).map(({ type }) => type)).toEqual([
      'permit.issued',
      'inquiry.answered',
    ]);
    const report = await createSenderNoticeReader(test.db).read(notice.noticeId, notice.sourceId);
    expect(report).toMatchObject({ state: 'accepted', sentAt: null });
    expect(report?.alerts.map(({ channel, state }) => [channel, state])).toEqual([
      ['sms', 'queued'],
      ['email', 'queued'],
    ]);
  });

  it('expires without an event in the timeline', async () => {
    const { notice, id, work } = await inquired();
    await test.db.query('UPDATE alerts SET expires_at = now() WHERE id = $1', [id]);
    await sendSms(providers.sendSmsDeps(test.db), 'sms-urgent', work);
    expect(await stateOf(id)).toBe('expired');
    expect(await eventsOf(test.db, notice.noticeId)).toHaveLength(2);
  });
});
