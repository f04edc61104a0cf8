import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiConfig, startApi } from '../../api/start-api';
import { createOverviewReader } from '../../core/monitoring/overview-reader';
import { API_REQUIRED_SETTINGS, loadConfig } from '../../core/platform/config';
import { createLog } from '../../core/platform/log';
import { describeOnBackends } from '../support/backends';
import { useDatabase } from '../support/database';
import { addSource, aNotice, registerEmployer } from '../support/fixtures';
import { until } from '../support/until';
import { SECRET_KEY } from './test-api';

const log = createLog('api', 'silent');
const NOWHERE = 'postgres://nobody@127.0.0.1:1/nothing';

describe('starting the API', () => {
  const test = useDatabase();

  const config = (env: NodeJS.ProcessEnv = {}): ApiConfig =>
    loadConfig(
      {
        DATABASE_URL: test.url,
        SECRET_KEY,
        PORT: '0',
        DATA_DIR: join(tmpdir(), `ablagh-api-${randomUUID()}`),
        ...env,
      },
      API_REQUIRED_SETTINGS,
    );

  describeOnBackends('with the queue on $name', ({ name }) => {
    it('serves notices', async () => {
      const REDIS_URL = name === 'redis' ? process.env.TEST_REDIS_URL : undefined;
      await registerEmployer(test.db);
      const { apiKey } = await addSource(test.db);
      let kicks = 0;
      const kick = () => {
        kicks += 1;
      };
      const api = await startApi(config({ REDIS_URL }), { log, kick });
      const answer = await fetch(`${api.address}/v1/notices`, {
        method: 'POST',
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(aNotice()),
      });
      expect(answer.status).toBe(202);
      expect(kicks).toBe(1);
      expect(await (await fetch(`${api.address}/readyz`)).json()).toMatchObject({ status: 'ready' });
      await api.close();
      await expect(fetch(`${api.address}/livez`)).rejects.toThrow();
    });
  });

  it('gives operators a heartbeat and the count of all accepted notices', async () => {
    const overview = () => createOverviewReader(test.db).read();
    const counted = async () => {
      const { series } = (await overview()).traffic;
      const accepted = series.find(({ measure, lane }) => measure === 'accepted' && lane === 'bulk');
      return accepted?.counts.reduce((sum, count) => sum + count, 0) ?? 0;
    };
    await registerEmployer(test.db);
    const { apiKey } = await addSource(test.db);
    const api = await startApi(config(), { log });
    await until(async () => (await overview()).processes.length > 0);
    expect((await overview()).processes).toMatchObject([{ kind: 'api', pid: process.pid, alive: true }]);
    const before = await counted();
    const answer = await fetch(`${api.address}/v1/notices`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(aNotice({ priority: 'bulk' })),
    });
    expect(answer.status).toBe(202);
    await api.close();
    expect((await overview()).processes).toEqual([]);
    expect(await counted()).toBe(before + 1);
  });

  it('starts while PostgreSQL and Redis are away, and reports that it is not ready', async () => {
    const api = await startApi(config({ DATABASE_URL: NOWHERE, REDIS_URL: 'redis://127.0.0.1:1' }), { log });
    expect((await fetch(`${api.address}/livez`)).status).toBe(200);
    const ready = await fetch(`${api.address}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ away: ['postgres', 'redis'] });
    await api.close();
  });

  it('serves added routes beside its own', async () => {
    const api = await startApi(config(), {
      log,
      extend: async (app) => {
        app.get('/extra', async () => ({ extra: true }));
      },
    });
    expect(await (await fetch(`${api.address}/extra`)).json()).toEqual({ extra: true });
    expect((await fetch(`${api.address}/livez`)).status).toBe(200);
    await api.close();
  });

  it('names the address that is in use, and how to choose another', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    await expect(startApi(config({ PORT: String(port) }), { log })).rejects.toMatchObject({
      code: 'port_in_use',
      message: `127.0.0.1:${port} is in use by another process. Stop it, or choose another port with PORT=${port + 1}.`,
    });
    taken.close();
    await once(taken, 'close');
  });
});
