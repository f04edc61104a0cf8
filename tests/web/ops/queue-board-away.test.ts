import { randomUUID } from 'node:crypto';
import { createDatabase } from '../../../core/platform/database';
import { createLog } from '../../../core/platform/log';
import { createPostgresQueueBackend } from '../../../core/platform/postgres-queue-backend';
import type { QueueBackend } from '../../../core/platform/queue-backend';
import { INTAKE_JOB, INTAKE_QUEUE } from '../../../core/platform/queues';
import { createRedisQueueBackend } from '../../../core/platform/redis-queue-backend';
import { startTestApi, type TestApi } from '../../api/test-api';
import { describeOnBackends } from '../../support/backends';
import { useDatabase } from '../../support/database';
import { anOperator, type TestOperator } from '../../support/operator';
import { createTcpProxy, type TcpProxy, throughProxy } from '../../support/tcp-proxy';
import { until } from '../../support/until';
import { textOf } from '../owner';

describeOnBackends('the queue board when $name comes and goes', ({ name: kind }) => {
  const redis = kind === 'redis' ? process.env.TEST_REDIS_URL : undefined;
  /** The server that the test stops, by its name on the page. */
  const name = redis ? 'Redis' : 'PostgreSQL';
  // Registered before the database's hook, so that the API closes first.
  afterAll(async () => {
    await api?.close();
    await backend?.close();
    await proxy?.close();
  });
  const test = useDatabase();
  const prefix = `test-${randomUUID()}`;
  let proxy: TcpProxy;
  let backend: QueueBackend;
  let api: TestApi;
  let operator: TestOperator;

  function openBackend(): QueueBackend {
    const log = createLog('test', 'silent');
    if (redis) return createRedisQueueBackend(throughProxy(redis, proxy), log, prefix);
    const db = createDatabase(throughProxy(test.url, proxy), { max: 2 });
    const onPostgres = createPostgresQueueBackend(db.pool, log);
    return {
      ...onPostgres,
      async close() {
        await onPostgres.close();
        await db.close();
      },
    };
  }

  const get = (path: string) =>
    api.app.inject({ url: `/ops/queues${path}`, cookies: { 'ablagh-ops': operator.browser.token } });

  beforeAll(async () => {
    proxy = await createTcpProxy(Number(new URL(redis ?? test.url).port));
    backend = openBackend();
    api = await startTestApi(test.db, { backend });
    operator = await anOperator(api, test.db);
    await until(() => backend.ping().then(() => true));
  });

  it('reports the outage on the page and to the board, and works again afterwards', async () => {
    expect((await get('/api/queues')).statusCode).toBe(200);
    await proxy.cut();
    const page = await get('');
    const call = await get('/api/queues');
    expect(page.statusCode).toBe(503);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(textOf(page.body)).toContain('صف‌ها در دسترس نیستند');
    expect(textOf(page.body)).toContain(`${name} پاسخ نمی‌دهد`);
    expect(page.body).toContain('<a href="/ops/audit"');
    expect(call.statusCode).toBe(503);
    expect(call.json()).toEqual({ error: expect.stringContaining('پاسخ نمی‌دهد') });
    await proxy.restore();
    await until(async () => (await get('')).statusCode === 200);
    await until(async () => (await get('/api/queues')).statusCode === 200);
  });

  it('answers an API call in a process that has just started', async () => {
    const job = await backend.queue(INTAKE_QUEUE).add(INTAKE_JOB, {}, { jobId: 'n1', delay: 3_600_000 });
    const fresh = openBackend();
    const started = await startTestApi(test.db, { backend: fresh });
    const answer = await started.app.inject({
      method: 'PUT',
      url: '/ops/queues/api/queues/notices/n1/promote',
      headers: { 'sec-fetch-site': 'same-origin' },
      cookies: { 'ablagh-ops': operator.browser.token },
    });
    expect([answer.statusCode, await job.getState()]).toEqual([204, 'waiting']);
    await started.close();
    await fresh.close();
  });

  if (redis) {
    it('does not wait for a server that accepts connections and never answers', async () => {
      expect((await get('/api/queues')).statusCode).toBe(200);
      proxy.stifle();
      const page = await get('');
      expect(page.statusCode).toBe(503);
      expect(textOf(page.body)).toContain(`${name} پاسخ نمی‌دهد`);
      await proxy.cut();
      await proxy.restore();
      await until(async () => (await get('/api/queues')).statusCode === 200);
    });
  }
});
