import { callbackSecret } from '../../core/platform/derived-keys';
import { SECRET_KEY, useApi } from './test-api';

describe('callbacks of Kavenegar', () => {
  const test = useApi();
  const { call } = test;

  const url = `/callbacks/kavenegar/${callbackSecret(SECRET_KEY)}`;
  const recorded = () =>
    test.db
      .query('SELECT provider_message_id AS id, status FROM sms_callbacks ORDER BY id')
      .then((rows) => rows.length);

  it.each([
    ['a query', { url: `${url}?messageid=101&status=10` }],
    [
      'a form',
      {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: 'messageid=102&status=10',
      },
    ],
    ['JSON', { method: 'POST', payload: { messageid: 103, status: 10 } }],
  ])('records a report that comes as %s, once', async (_name, options) => {
    const before = await recorded();
    for (let i = 0; i < 2; i += 1) {
      const answer = await call(url, options);
      expect([answer.statusCode, answer.json()]).toEqual([200, {}]);
    }
    expect(await recorded()).toBe(before + 1);
  });

  it.each([
    ['nothing', {}],
    ['a message id that is none', { url: `${url}?messageid=abc&status=10` }],
    ['a status that is none', { url: `${url}?messageid=104&status=${'9'.repeat(30)}` }],
    ['broken JSON', { method: 'POST', headers: { 'content-type': 'application/json' }, payload: '{"mess' }],
    ['an array', { method: 'POST', payload: [1] }],
    ['an image', { method: 'POST', headers: { 'content-type': 'image/png' }, payload: 'x' }],
  ])('answers %s like any other report, and records nothing', async (_name, options) => {
    const before = await recorded();
    const answer = await call(url, options);
    expect([answer.statusCode, answer.json()]).toEqual([200, {}]);
    expect(await recorded()).toBe(before);
  });

  it('answers a wrong secret as it answers any unknown address', async () => {
    for (const secret of ['wrong', callbackSecret(`${SECRET_KEY}x`)]) {
      const answer = await call(`/callbacks/kavenegar/${secret}?messageid=105&status=10`);
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toEqual((await call('/nowhere')).json());
    }
  });
});
