import { addSource, aNotice } from '../support/fixtures';
import { bearer, useApi } from './test-api';

describe('GET /v1/events', () => {
  const test = useApi();
  const { call } = test;

  it('pages through the caller’s own events, each once, the oldest first', async () => {
    const { apiKey: own } = await addSource(test.db);
    const headers = bearer(own);
    for (let i = 0; i < 5; i += 1) await call('/v1/notices', { method: 'POST', headers, payload: aNotice() });
    const seen: { seq: number; type: string }[] = [];
    let next = '';
    for (let page = 0; page < 4; page += 1) {
      const answer = await call(`/v1/events?limit=2${next && `&after=${next}`}`, { headers });
      seen.push(...answer.json().events);
      next = answer.json().next;
    }
    expect(seen).toHaveLength(5);
    expect(new Set(seen.map(({ seq }) => seq)).size).toBe(5);
    expect(seen.every(({ type }) => type === 'notice.accepted')).toBe(true);
    expect((await call(`/v1/events?after=${next}`, { headers })).json()).toEqual({ events: [], next });
  });

  it.each([
    'after=x',
    'after=1-',
    'after=99999999999999999999-1',
    'limit=0',
    'limit=1001',
    'limit=1e2',
    'colour=1',
  ])('answers 400 to %s', async (query) => {
    const answer = await call(`/v1/events?${query}`);
    expect(answer.json()).toMatchObject({
      status: 400,
      code: 'invalid_request',
      errors: [{ path: query.split('=')[0] }],
    });
  });
});
