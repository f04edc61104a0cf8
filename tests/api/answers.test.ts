import { connect } from 'node:net';
import { callbackSecret } from '../../core/platform/derived-keys';
import { aNotice, anEmployer } from '../support/fixtures';
import { bearer, SECRET_KEY, startTestApi, useApi } from './test-api';

describe('every answer', () => {
  const test = useApi();
  const { call } = test;

  it.each([
    '/nowhere',
    '/v1/nowhere',
    '/v1/notices/%zz',
    `/v1/notices/${'a'.repeat(200)}`,
    '/%2e%2e/etc/passwd',
  ])('is a problem at an unknown address: %s', async (url) => {
    const answer = await call(url);
    expect([400, 404]).toContain(answer.statusCode);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(['not_found', 'invalid_request']).toContain(answer.json().code);
  });

  it('returns a valid request id, and replaces any other', async () => {
    const given = await call('/livez', { headers: { 'x-request-id': 'order-7.A_b' } });
    expect(given.headers['x-request-id']).toBe('order-7.A_b');
    for (const id of ['a b', 'x'.repeat(65), '<script>', 'ش']) {
      const answer = await call('/livez', { headers: { 'x-request-id': id } });
      expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('forbids browsers to guess types, to keep the answer and to run scripts', async () => {
    for (const answer of [await call('/v1/events'), await call('/v1/events', { headers: {} })]) {
      expect(answer.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      });
    }
  });

  it('is logged in one line that names the route and no data of the request', async () => {
    const secret = callbackSecret(SECRET_KEY);
    await call(`/callbacks/kavenegar/${secret}?messageid=1&status=10`);
    await call('/callbacks/kavenegar/wrong');
    await call(`/callbacks/kavenegar/${secret}%zz`);
    await call('/v1/employers/0499370899', { method: 'PUT', payload: anEmployer({ name: 'نام پنهان' }) });
    const lines = test.api.logged.filter(({ msg }) => msg === 'request');
    expect(lines).toContainEqual(
      expect.objectContaining({ method: 'GET', route: '/callbacks/kavenegar/:secret', status: 404 }),
    );
    expect(lines.at(-1)).toMatchObject({ method: 'PUT', route: '/v1/employers/:nationalId', status: 200 });
    const text = JSON.stringify(test.api.logged);
    for (const hidden of [secret, test.apiKey, '0499370899', 'نام پنهان', '9121234567'])
      expect(text).not.toContain(hidden);
  });

  it('hides the cause of a server error, which is logged once under the request id', async () => {
    const acceptor = { accept: () => Promise.reject(new Error('column "secret" does not exist')) };
    const broken = await startTestApi(test.db, { acceptor });
    const answer = await broken.app.inject({
      method: 'POST',
      url: '/v1/notices',
      headers: { ...bearer(test.apiKey), 'x-request-id': 'req-1' },
      payload: aNotice(),
    });
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({ code: 'internal' });
    expect(answer.body).not.toContain('secret');
    expect(broken.logged.filter(({ level }) => level === 50)).toMatchObject([{ reqId: 'req-1' }]);
    await broken.close();
  });

  it('is a problem even for bytes that are not HTTP', async () => {
    const { port } = new URL(await test.api.listen());
    const socket = connect(Number(port), '127.0.0.1').setEncoding('latin1');
    socket.write('hello there\r\n\r\n');
    let said = '';
    for await (const part of socket) said += part;
    expect(said).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(said).toContain('"code":"invalid_request"');
  });
});
