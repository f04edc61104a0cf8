import { loadConfig } from '../../core/platform/config';
import { createSourceSystems } from '../../core/sources/source-systems';
import { addSource, aNotice, anEmployer } from '../support/fixtures';
import { bearer, SECRET_KEY, startTestApi, useApi } from './test-api';

describe('API keys', () => {
  const test = useApi();
  const { call } = test;

  it.each([
    ['no key', {}],
    ['a wrong key', bearer('abl_1.wrong')],
    ['another scheme', { authorization: 'Basic YTpi' }],
    ['an absurdly long key', bearer('x'.repeat(8_000))],
    ['a key with a line break in it', bearer('a b')],
  ])('answers 401 to %s, with the scheme in the header', async (_name, headers) => {
    const answer = await call('/v1/events', { headers });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.json()).toMatchObject({ status: 401, code: 'unauthorized' });
  });

  it('accepts the scheme in upper and lower case', async () => {
    expect(
      (await call('/v1/events', { headers: { authorization: `bEARER ${test.apiKey}` } })).statusCode,
    ).toBe(200);
  });

  it('answers 403 to a key without the scope', async () => {
    const { apiKey: narrow } = await createSourceSystems(test.db).add('narrow', 'باریک', ['inquiries']);
    const headers = bearer(narrow);
    const attempts = [
      await call('/v1/notices', { method: 'POST', headers, payload: aNotice() }),
      await call('/v1/notices/batch', {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/x-ndjson' },
        payload: '{}',
      }),
      await call('/v1/employers/0499370899', { method: 'PUT', headers, payload: anEmployer() }),
    ];
    for (const answer of attempts) expect(answer.json()).toMatchObject({ status: 403, code: 'forbidden' });
  });

  it('refuses a revoked key from the next request on', async () => {
    const sources = createSourceSystems(test.db);
    const issued = await sources.add('leaving', 'رفتنی');
    const headers = bearer(issued.apiKey);
    expect((await call('/v1/events', { headers })).statusCode).toBe(200);
    await sources.revoke(issued.keyId);
    expect((await call('/v1/events', { headers })).statusCode).toBe(401);
  });

  it('answers 429 with Retry-After to a key that calls too often, and not to others', async () => {
    const limited = await startTestApi(test.db, {
      config: { ...loadConfig({}), SECRET_KEY, RATE_LIMIT_PER_SECOND: 2 },
    });
    const other = await addSource(test.db);
    const ask = (key: string) => limited.app.inject({ url: '/v1/events', headers: bearer(key) });
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(test.apiKey)));
    const refused = answers.filter(({ statusCode }) => statusCode === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.headers['retry-after']).toBe('1');
    expect(refused[0]?.json()).toMatchObject({ code: 'rate_limited' });
    expect((await ask(other.apiKey)).statusCode).toBe(200);
    expect((await limited.app.inject('/livez')).statusCode).toBe(200);
    await limited.close();
  });
});
