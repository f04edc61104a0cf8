import { createPermits } from '../../core/permits/permits';
import { createSourceSystems } from '../../core/sources/source-systems';
import { toPersianDigits } from '../../core/text/normalise';
import { anAttachment } from '../support/fixtures';
import { eventsOf, serveNotice } from '../support/served-notice';
import { bearer, SECRET_KEY, useApi } from './test-api';

describe('POST /v1/inquiries', () => {
  const test = useApi();

  let hosts = 0;
  const ask = (payload: object, headers?: Record<string, string>) => {
    hosts += 1;
    return test.call('/v1/inquiries', {
      method: 'POST',
      payload,
      remoteAddress: `192.0.2.${hosts}`,
      ...(headers && { headers }),
    });
  };
  const shared = async () => {
    const notice = await serveNotice(test.db, { attachments: [anAttachment()], smsText: 'متن پیامک' });
    const issued = await createPermits(test.db, SECRET_KEY).issue({ ...notice, duration: 'month' });
    return { ...notice, passcode: issued?.passcode as string, expiresAt: issued?.expiresAt as Date };
  };

  it('answers 200 with the notice and links to its attachments, which do not hold the passcode', async () => {
    const notice = await shared();
    const answer = await ask({
      nationalId: toPersianDigits(notice.nationalId),
      passcode: `${notice.passcode.slice(0, 5)} ${notice.passcode.slice(5)}`,
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    const [file] = notice.attachmentIds;
    expect(answer.json()).toEqual({
      id: notice.noticeId,
      trackingNumber: notice.trackingNumber,
      source: expect.stringMatching(/^سامانه /),
      subject: 'اعلام سابقه',
      smsText: 'متن پیامک',
      recipient: { nationalId: notice.nationalId, name: 'شرکت نمونه' },
      registeredAt: expect.any(String),
      inquirableUntil: notice.expiresAt.toISOString(),
      attachments: [
        {
          fileName: 'form-1.pdf',
          contentType: 'application/pdf',
          size: expect.any(Number),
          url: expect.stringMatching(
            new RegExp(`^http://127.0.0.1:3000/inquiry/attachments/${file}\\?pass=[A-Za-z0-9_-]{64}$`),
          ),
        },
      ],
    });
    expect(answer.body).not.toContain(notice.passcode);
    expect(JSON.stringify(test.api.logged)).not.toContain(notice.passcode);
  });

  it('shows the owner the title of the inquiring system', async () => {
    const notice = await shared();
    await ask(notice && { nationalId: notice.nationalId, passcode: notice.passcode });
    const [caller] = await createSourceSystems(test.db).list();
    expect((await eventsOf(test.db, notice.noticeId)).at(-1)).toMatchObject({
      type: 'inquiry.answered',
      actor: `source:${caller?.code}`,
      data: { body: caller?.title },
    });
  });

  it('answers the same 404 no_permit, whatever was wrong', async () => {
    const { nationalId, passcode } = await shared();
    const wrong = [
      { nationalId, passcode: '0000000000' },
      { nationalId: '0084575948', passcode },
      { nationalId: 'x', passcode: '' },
    ];
    const bodies = new Set<string>();
    for (const payload of wrong) {
      const answer = await ask(payload);
      expect(answer.statusCode).toBe(404);
      bodies.add(answer.body);
    }
    expect([...bodies].map((body) => JSON.parse(body))).toEqual([
      expect.objectContaining({ code: 'no_permit', status: 404 }),
    ]);
  });

  it('answers 429 locked_out with Retry-After after five wrong attempts', async () => {
    const { nationalId, passcode } = await shared();
    const codes: string[] = [];
    for (let i = 0; i < 6; i += 1) codes.push((await ask({ nationalId, passcode: '1' })).json().code);
    expect(codes).toEqual([...Array(5).fill('no_permit'), 'locked_out']);
    const answer = await ask({ nationalId, passcode });
    expect([answer.statusCode, answer.json().code]).toEqual([429, 'locked_out']);
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(15 * 60);
  });

  it('answers 400 to other fields, and records nothing', async () => {
    for (const payload of [
      {},
      { nationalId: 1, passcode: '1' },
      { nationalId: '1', passcode: '1', bodyName: 'x' },
    ]) {
      expect((await ask(payload)).json()).toMatchObject({ status: 400, code: 'invalid_request' });
    }
  });

  it('needs a key with the scope inquiries', async () => {
    const { apiKey } = await createSourceSystems(test.db).add('no-inquiries', 'بی‌استعلام', ['notices']);
    const { nationalId, passcode } = await shared();
    expect((await ask({ nationalId, passcode }, bearer(apiKey))).json()).toMatchObject({ status: 403 });
    expect((await ask({ nationalId, passcode }, {})).json()).toMatchObject({ status: 401 });
  });
});
