import { measureDatabase } from '../../core/monitoring/measure/measure-database';
import { createMeasurements } from '../../core/monitoring/measure/measurements';
import { createDatabase } from '../../core/platform/database';
import { Unavailable } from '../../core/platform/errors';
import { aNotice } from '../support/fixtures';
import { startTestApi, useApi } from './test-api';

describe('probes and metrics of the API', () => {
  const test = useApi();
  const { call } = test;

  it('is live and ready', async () => {
    expect((await call('/livez')).statusCode).toBe(200);
    expect((await call('/readyz')).json()).toEqual({
      status: 'ready',
      parts: { postgres: 'up', queue: 'up' },
    });
  });

  it('is ready, degraded, while Redis is away: notices are accepted without it', async () => {
    const backend = { kind: 'redis' as const, ping: () => Promise.reject(new Unavailable('redis')) };
    const degraded = await startTestApi(test.db, { backend });
    const answer = await degraded.app.inject('/readyz');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ status: 'degraded', away: ['redis'] });
    await degraded.close();
  });

  it('is not ready while PostgreSQL is away, even when a check gives no answer', async () => {
    const db = createDatabase('postgres://nobody@127.0.0.1:1/nothing');
    const backend = { kind: 'redis' as const, ping: () => new Promise<void>(() => {}) };
    const away = await startTestApi(db, { backend });
    const answer = await away.app.inject('/readyz');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ code: 'unavailable', away: ['postgres', 'redis'] });
    expect((await away.app.inject('/livez')).statusCode).toBe(200);
    expect((await away.app.inject('/metrics')).statusCode).toBe(200);
    await away.close();
    await db.close();
  });

  it('counts notices by door and lane, requests by route, and exports the measurements', async () => {
    await call('/v1/notices', { method: 'POST', payload: aNotice() });
    await createMeasurements(test.db).store(await measureDatabase(test.db));
    const { body } = await call('/metrics');
    expect(body).toMatch(/ablagh_notices_total\{door="http",outcome="accepted"\} [1-9]/);
    expect(body).toMatch(
      /ablagh_http_request_seconds_count\{method="POST",route="\/v1\/notices",status="2xx"\} [1-9]/,
    );
    expect(body).toMatch(/ablagh_outbox_due\{queue="sms-normal"\} [1-9]/);
    expect(body).toMatch(/ablagh_outbox_oldest_seconds\{queue="sms-bulk"\} 0/);
    expect(body).not.toContain(test.apiKey.split('.')[0]);
  });

  it('documents every route of the contract from its schemas', async () => {
    const document = (await call('/docs/json')).json();
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/v1/notices',
        '/v1/notices/{id}',
        '/v1/notices/batch',
        '/v1/events',
        '/v1/employers/{nationalId}',
        '/livez',
        '/readyz',
        '/metrics',
      ]),
    );
    const post = document.paths['/v1/notices'].post;
    expect(post.security).toEqual([{ apiKey: [] }]);
    expect(post.requestBody.content['application/json'].schema.$ref).toBe('#/components/schemas/NoticeInput');
    for (const status of [429, 503])
      expect(post.responses[status].headers['Retry-After'].schema).toEqual({ type: 'integer' });
    expect(post.responses['422'].content['application/problem+json'].schema.$ref).toBe(
      '#/components/schemas/Problem',
    );
    expect(Object.keys(document.paths['/v1/notices/batch'].post.requestBody.content)).toEqual([
      'application/x-ndjson',
    ]);
    expect(JSON.stringify(document)).not.toContain('/callbacks/');
  });

  it('serves the docs page without anything from other hosts', async () => {
    const page = await call('/docs/');
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
    const sources = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source as string);
    expect(sources.length).toBeGreaterThan(3);
    for (const source of sources) {
      const { pathname } = new URL(source, 'http://here/docs/');
      expect((await call(pathname)).statusCode).toBe(200);
    }
  });
});
