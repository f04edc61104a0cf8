import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { createLog } from '../../../core/platform/log';
import { hasUsableSentinels, redisOptions } from '../../../core/platform/redis-options';
import { createRedisQueueBackend, probeRedis } from '../../../core/platform/redis-queue-backend';
import { openRedis, type RigRedis } from '../../../faults/rig/redis';
import { openStandby } from '../../../faults/rig/standby';
import { until } from '../../support/until';
import { itWithRedisServer } from '../../workers/redis-server';

jest.setTimeout(90_000);

describe('a Redis address', () => {
  it.each([
    ['redis://localhost', { host: 'localhost', port: 6379 }],
    ['redis://[::1]:7000/3', { host: '::1', port: 7000, db: 3 }],
    ['redis://me:p%40ss@10.0.0.1', { host: '10.0.0.1', port: 6379, username: 'me', password: 'p@ss' }],
    ['rediss://:secret@redis.example', { host: 'redis.example', password: 'secret', tls: {} }],
  ])('%s names one server', (address, options) => {
    expect(redisOptions(address)).toMatchObject(options);
    expect(redisOptions(address)).not.toHaveProperty('sentinels');
  });

  it('with Sentinels gives them the name of the watched server', () => {
    const options = redisOptions(
      'rediss://:secret@ablagh/2?sentinels=10.0.0.1:26379,[::1]:26380,s.example:1',
    );
    expect(options).toMatchObject({
      name: 'ablagh',
      sentinels: [
        { host: '10.0.0.1', port: 26379 },
        { host: '::1', port: 26380 },
        { host: 's.example', port: 1 },
      ],
      password: 'secret',
      db: 2,
      tls: {},
      sentinelTLS: {},
      enableTLSForSentinelMode: true,
    });
    expect(options).not.toHaveProperty('host');
  });

  it.each(['', 'host', 'host:', ':26379', 'a:1,', 'a:1;b:2', 'a b:1', 'redis://a:1', 'a:123456', 'a:65536'])(
    'is refused when its Sentinels are "%s"',
    (list) => {
      expect(hasUsableSentinels(`redis://ablagh?sentinels=${encodeURIComponent(list)}`)).toBe(false);
    },
  );

  it('is refused when its Sentinels have no name to watch', () => {
    expect(hasUsableSentinels('redis://?sentinels=a:1')).toBe(false);
  });

  it('accepts any host and port as a Sentinel', () => {
    const host = fc.oneof(
      fc.domain(),
      fc.ipV4(),
      fc.ipV6().map((address) => `[${address}]`),
    );
    const sentinel = fc.tuple(host, fc.integer({ min: 0, max: 65_535 })).map((parts) => parts.join(':'));
    fc.assert(
      fc.property(fc.array(sentinel, { minLength: 1, maxLength: 5 }), (sentinels) => {
        const address = `redis://ablagh?sentinels=${encodeURIComponent(sentinels.join())}`;
        expect(hasUsableSentinels(address)).toBe(true);
        const ports = sentinels.map((one) => ({ port: Number(one.slice(one.lastIndexOf(':') + 1)) }));
        expect(redisOptions(address)).toMatchObject({ sentinels: ports });
      }),
    );
  });
});

itWithRedisServer.each<[string, (main: RigRedis) => unknown]>([
  ['is killed', (main) => main.kill()],
  ['hangs, with its connections open', (main) => main.freeze()],
])('a backend behind a Sentinel goes on with the replica when the main Redis %s', async (_, takeAway) => {
  const folder = await mkdtemp(join(tmpdir(), 'ablagh-sentinel-'));
  const main = await openRedis(folder);
  const standby = await openStandby(folder, main);
  const log = createLog('test', 'silent');
  await probeRedis(standby.url, log);
  const backend = createRedisQueueBackend(standby.url, log);
  let taken = 0;
  const worker = backend.worker('notices', async () => {
    taken += 1;
  });
  worker.on('error', () => {});
  void worker.run();
  try {
    await until(() => backend.ping().then(() => true));
    await worker.waitUntilReady();
    await backend.writeEpoch('before');
    await main.sendCommand('WAIT', 1, 5_000);
    await takeAway(main);
    await standby.promoted();
    const readEpoch = () => backend.readEpoch('').catch(() => null);
    expect(await until(readEpoch, { timeout: 40_000 })).toBe('before');
    await backend.writeEpoch('after');
    expect(await backend.readEpoch('')).toBe('after');
    const queue = backend.queue('notices');
    expect(await until(() => queue.add('notice', {}).catch(() => null), { timeout: 40_000 })).toBeTruthy();
    await until(() => taken > 0, { timeout: 40_000, what: 'the worker takes jobs of the replica' });
  } finally {
    await worker.close(true);
    await backend.close();
    await standby.close();
    await main.kill();
    await rm(folder, { recursive: true, force: true });
  }
});
