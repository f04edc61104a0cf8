import { createLines } from '../../core/channels/lines';
import { createOverviewReader } from '../../core/monitoring/overview-reader';
import { loadConfig, WORKERS_REQUIRED_SETTINGS } from '../../core/platform/config';
import type { Closable } from '../../core/platform/shutdown';
import { startWorkers } from '../../workers/start-workers';
import { mobiles, type TestAlert } from '../support/alert-desk';
import { createTcpProxy, throughProxy } from '../support/tcp-proxy';
import { until } from '../support/until';
import { startProviders } from './providers';
import { useProcessScene } from './scene';

let parts: Closable[] = [];
const scene = useProcessScene(async () => {
  for (const part of parts.splice(0)) await part.close();
});

async function start(databaseUrl = scene.url, settings: NodeJS.ProcessEnv = {}): Promise<void> {
  const config = loadConfig(
    {
      ...scene.providers.workersEnv(databaseUrl, scene.folder),
      ...settings,
    },
    WORKERS_REQUIRED_SETTINGS,
  );
  parts = await startWorkers(config, scene.providers.log);
}

const allAre = (states: string[], alerts: TestAlert[]) =>
  until(
    async () => {
      expect(await scene.desk.states(alerts)).toEqual(states);
      return true;
    },
    { timeout: 20_000 },
  );

describe('the workers', () => {
  it('carry every alert of every lane and channel to its provider', async () => {
    const alerts = (
      await Promise.all(
        (['urgent', 'normal', 'bulk'] as const).flatMap((lane, i) => [
          scene.desk.accept(mobiles(1, i), { lane }),
          scene.desk.accept([`person-${i}@example.org`], { lane }),
        ]),
      )
    ).flat();
    await start();
    await allAre(Array(6).fill('sent'), alerts);
    expect(scene.providers.kavenegar.count()).toBe(3);
    expect(scene.providers.smtp.messages().map(({ messageId }) => messageId)).toContain(
      `<${alerts[1]?.alertId}.${alerts[1]?.noticeId}@ablagh.example>`,
    );
  });

  it('use and register every line of the settings, at the rate of the settings', async () => {
    const second = await startProviders();
    const line = { name: 'second', apiKey: second.kavenegar.apiKey, sender: '1000', weight: 1000 };
    await start(scene.url, {
      KAVENEGAR_LINES: JSON.stringify([{ ...line, baseUrl: second.kavenegarUrl }]),
      KAVENEGAR_RATE: '5000',
    });
    const lines = () => createLines(scene.db).list();
    await until(async () => (await lines()).every(({ seenAt }) => seenAt !== null));
    expect(await lines()).toMatchObject([
      { name: 'smtp', perSecond: null },
      { name: 'kavenegar', perSecond: 5_000 },
      { name: 'kavenegar-second', perSecond: 5_000 },
    ]);
    await createLines(scene.db).disable('kavenegar', 'closed', '403', 'the API key is not valid');
    const alerts = await scene.desk.accept(mobiles(3));
    await allAre(['sent', 'sent', 'sent'], alerts);
    expect(second.kavenegar.messages()).toMatchObject(Array(3).fill({ sender: '1000' }));
    for (const part of parts.splice(0)) await part.close();
    await second.close();
  });

  it('wait for PostgreSQL when it is away at the start, and work once it is there', async () => {
    const proxy = await createTcpProxy(Number(new URL(scene.url).port));
    await proxy.cut();
    const alerts = await scene.desk.accept([...mobiles(2), 'ali@example.org']);
    const started = start(throughProxy(scene.url, proxy));
    await until(() => scene.providers.logged.some(({ msg }) => msg === 'waiting for the queue backend'));
    await proxy.restore();
    await started;
    await allAre(['sent', 'sent', 'sent'], alerts);
    for (const part of parts.splice(0)) await part.close();
    await proxy.close();
  });

  it('go on after PostgreSQL was away, and send nothing twice', async () => {
    const proxy = await createTcpProxy(Number(new URL(scene.url).port));
    await start(throughProxy(scene.url, proxy));
    const before = await scene.desk.accept(mobiles(1));
    await allAre(['sent'], before);
    await proxy.cut();
    const after = await scene.desk.accept(mobiles(5, 10));
    await proxy.restore();
    await allAre(Array(5).fill('sent'), after);
    expect(scene.providers.kavenegar.count()).toBe(6);
    for (const part of parts.splice(0)) await part.close();
    await proxy.close();
  });

  it('expire the alerts of a paused channel though the provider cannot be asked for its credit', async () => {
    const alerts = await scene.desk.accept(mobiles(1));
    await scene.desk.age(alerts, 73 * 3600);
    await createLines(scene.db).disable('kavenegar', 'paused', '418', 'the credit is not enough');
    scene.providers.kavenegar.setBehaviour(() => 'drop');
    await start();
    await allAre(['expired'], alerts);
  });

  it('show operators their heartbeats, their counts and the measurements of one of them', async () => {
    const alerts = await scene.desk.accept([...mobiles(3), 'ali@example.org']);
    await start();
    await allAre(Array(4).fill('sent'), alerts);
    const overview = () => createOverviewReader(scene.db).read();
    const before = await until(async () => {
      const read = await overview();
      return read.measuredSecondsAgo !== null && read.lines.some(({ credit }) => credit !== null) && read;
    });
    expect(before.processes).toMatchObject([{ kind: 'workers', pid: process.pid, alive: true }]);
    expect(before.postgres.connections).toBeGreaterThan(0);
    for (const part of parts.splice(0)) await part.close();

    const after = await overview();
    expect(after.processes).toEqual([]);
    const sent = after.traffic.series.find(({ measure, lane }) => measure === 'sent' && lane === 'normal');
    expect(sent?.counts.reduce((sum, count) => sum + count, 0)).toBe(4);
    expect(after.handover.find(({ lane }) => lane === 'normal')).toMatchObject({ count: 4 });
    expect(after.lines).toMatchObject([
      { name: 'smtp', latencyMs: expect.any(Number), codes: [] },
      { name: 'kavenegar', latencyMs: expect.any(Number), codes: [], credit: expect.any(Number) },
    ]);
  });
});
