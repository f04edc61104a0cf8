import { createDatabase } from '../../core/platform/database';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { addSource, aNotice, anAttachment, PNG, registerEmployer, workshopCode } from '../support/fixtures';
import { bearer, startTestApi, type TestApi } from './test-api';

describe('POST /v1/notices', () => {
  let test: TestDatabase;
  let api: TestApi;
  let apiKey: string;

  beforeAll(async () => {
    test = await createTestDatabase();
    api = await startTestApi(test.db);
    ({ apiKey } = await addSource(test.db));
    await registerEmployer(test.db);
  });
  afterAll(async () => {
    await api.close();
    await test.drop();
  });

  const post = (payload: unknown, headers = {}) =>
    api.app.inject({
      method: 'POST',
      url: '/v1/notices',
      headers: { ...bearer(apiKey), 'content-type': 'application/json', ...headers },
      payload: typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload),
    });
  const get = (id: string, key = apiKey) =>
    api.app.inject({ url: `/v1/notices/${id}`, headers: bearer(key) });

  it('answers 202 with the id, the tracking number and the instant', async () => {
    const answer = await post(aNotice());
    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      trackingNumber: expect.stringMatching(/^\d{12}$/),
      state: 'accepted',
      acceptedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      duplicate: false,
    });
  });

  it('answers 200 and the first answer to the same notice again', async () => {
    const notice = aNotice();
    const first = (await post(notice)).json();
    const again = await post(notice);
    expect(again.statusCode).toBe(200);
    expect(again.json()).toEqual({ ...first, duplicate: true });
  });

  it('answers 409 to the same reference with other content', async () => {
    const notice = aNotice();
    await post(notice);
    const other = await post({ ...notice, subject: 'موضوع دیگر' });
    expect(other.statusCode).toBe(409);
    expect(other.headers['content-type']).toBe('application/problem+json');
    expect(other.json()).toMatchObject({
      status: 409,
      code: 'reference_conflict',
      title: 'Reference conflict',
    });
  });

  it('answers 422 with the reason for a refusal', async () => {
    const answer = await post(aNotice({ recipient: { workshopCode: workshopCode(7) } }));
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({
      status: 422,
      code: 'unknown_workshop',
      type: 'urn:ablagh:problem:unknown_workshop',
    });
  });

  it('names unknown and missing fields', async () => {
    const { subject: _, ...notice } = aNotice();
    const answer = await post({ ...notice, colour: 'red', recipient: { ...notice.recipient, fax: '1' } });
    expect(answer.statusCode).toBe(400);
    const { code, errors } = answer.json();
    expect(code).toBe('invalid_request');
    expect(errors.map(({ path }: { path: string }) => path).sort()).toEqual([
      'colour',
      'recipient.fax',
      'subject',
    ]);
  });

  it.each([
    ['text that is no JSON', '{"reference":', 'application/json', 400, 'invalid_request'],
    ['an empty body', '', 'application/json', 400, 'invalid_request'],
    ['a poisoned prototype', '{"__proto__":{"a":1}}', 'application/json', 400, 'invalid_request'],
    ['UTF-8 that is broken', Buffer.from([0x22, 0xd8, 0x22]), 'application/json', 400, 'invalid_request'],
    ['plain text', 'hello', 'text/plain', 415, 'unsupported_media_type'],
    ['a form', 'a=b', 'application/x-www-form-urlencoded', 415, 'unsupported_media_type'],
  ])('refuses %s', async (_name, payload, contentType, status, code) => {
    const answer = await post(payload, { 'content-type': contentType });
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ status, code });
  });

  it('refuses compressed bodies', async () => {
    const answer = await post(aNotice(), { 'content-encoding': 'gzip' });
    expect(answer.json()).toMatchObject({ status: 415, code: 'unsupported_media_type' });
  });

  it('accepts five attachments of 5 MB, and answers 413 to a body larger than any notice', async () => {
    const big = Buffer.concat([PNG, Buffer.alloc(5 * 1024 * 1024 - PNG.length)]);
    const attachment = anAttachment(big, 'a.png', 'image/png');
    const full = await post(aNotice({ attachments: Array.from({ length: 5 }, () => attachment) }));
    expect(full.statusCode).toBe(202);
    const answer = await post(`{"a":"${'x'.repeat(36 * 1024 * 1024)}"}`);
    expect(answer.json()).toMatchObject({ status: 413, code: 'too_large' });
  });

  it('answers 503 without the cause while PostgreSQL is away', async () => {
    const away = createDatabase('postgres://nobody@127.0.0.1:1/nothing');
    const other = await startTestApi(away);
    const answer = await other.app.inject({
      method: 'POST',
      url: '/v1/notices',
      headers: bearer('x'),
      payload: {},
    });
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ code: 'unavailable' });
    expect(answer.headers['retry-after']).toBe('5');
    expect(other.logged.filter(({ msg }) => msg === 'unavailable')).toMatchObject([
      { level: 40, part: 'postgres' },
    ]);
    await other.close();
    await away.close();
  });

  it('shows a notice to its sender, with its alerts and its timeline', async () => {
    const { id, trackingNumber } = (
      await post(aNotice({ reference: 'SHOWN', attachments: [anAttachment()] }))
    ).json();
    const answer = await get(id);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      id,
      trackingNumber,
      reference: 'SHOWN',
      state: 'accepted',
      recipient: { nationalId: '0499370899', workshopCode: '0183630045', mobile: '+989121234567' },
      sentAt: null,
      firstViewedAt: null,
      attachments: [{ fileName: 'form-1.pdf', contentType: 'application/pdf' }],
      alerts: [
        { channel: 'sms', state: 'queued', attempts: [] },
        { channel: 'email', state: 'queued', attempts: [] },
      ],
      timeline: [{ type: 'notice.accepted', data: { alerts: ['sms', 'email'] } }],
    });
  });

  it('lists the attempts, also those under way, and gives the first sending as sentAt', async () => {
    const { id } = (await post(aNotice())).json();
    await test.db.query(
      `WITH a AS (UPDATE alerts SET state = 'sending', attempt_id = 78, attempt_at = '2025-01-03'
                   WHERE notice_id = $1 RETURNING id)
       INSERT INTO attempts (id, alert_id, provider, at, outcome, code, provider_message_id, cost)
       SELECT 77, min(id), 'kavenegar', '2025-01-01', 'try_later', '409', NULL, NULL FROM a`,
      [id],
    );
    const under = {
      at: '2025-01-03T00:00:00.000Z',
      outcome: null,
      code: null,
      providerMessageId: null,
      cost: null,
    };
    const first = { ...under, at: '2025-01-01T00:00:00.000Z', outcome: 'try_later', code: '409' };
    expect((await get(id)).json()).toMatchObject({
      state: 'accepted',
      alerts: [{ state: 'sending', attempts: [first, under] }, { attempts: [under] }],
    });
    await test.db.query(
      `WITH a AS (UPDATE alerts SET state = 'sent', sent_at = CASE channel WHEN 'sms' THEN timestamptz '2025-01-05'
                  ELSE '2025-01-04' END WHERE notice_id = $1 RETURNING id)
       INSERT INTO attempts (id, alert_id, provider, at, outcome, code, provider_message_id, cost)
       SELECT 78, id, 'kavenegar', '2025-01-03', 'accepted', '200', '8792343', 120 FROM a`,
      [id],
    );
    const accepted = { ...under, outcome: 'accepted', code: '200', providerMessageId: '8792343', cost: 120 };
    expect((await get(id)).json()).toMatchObject({
      state: 'sent',
      sentAt: '2025-01-04T00:00:00.000Z',
      alerts: [
        { state: 'sent', attempts: [first, accepted] },
        { state: 'sent', attempts: [accepted] },
      ],
    });
    await test.db.query('UPDATE notices SET first_viewed_at = now() WHERE id = $1', [id]);
    expect((await get(id)).json().state).toBe('viewed');
  });

  it('answers 404 for a notice of another system and for a malformed id', async () => {
    const { id } = (await post(aNotice())).json();
    const other = await addSource(test.db);
    for (const answer of [
      await get(id, other.apiKey),
      await get('1'),
      await get("x'; --"),
      await get('a'.repeat(500)),
    ]) {
      expect(answer.statusCode).toBe(404);
      expect(answer.json().code).toBe('not_found');
    }
  });
});
