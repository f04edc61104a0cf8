import { freePort } from '../../embedded/free-port';
import { mobiles, type TestAlert } from '../support/alert-desk';
import { until } from '../support/until';
import { describeWithRedisServer, startRedisServer } from './redis-server';
import { useProcessScene } from './scene';
import { emptyRedis, kill } from './workers-process';

jest.setTimeout(90_000);

const scene = useProcessScene();

const allAre = (state: string, alerts: TestAlert[]) =>
  until(async () => (await scene.desk.states(alerts)).every((each) => each === state), {
    timeout: 40_000,
    what: `all alerts are ${state}`,
  });

async function expectReceivedOnce(count: number): Promise<void> {
  const receptors = scene.providers.kavenegar.messages().map(({ receptor }) => receptor);
  expect(receptors).toHaveLength(count);
  expect(new Set(receptors).size).toBe(count);
}

describe('a workers process that is killed', () => {
  it('between the provider’s answer and the commit loses no SMS and doubles none', async () => {
    const redisUrl = await emptyRedis(13);
    const alerts = await scene.desk.accept(mobiles(25));
    const first = scene.startProcess(redisUrl);
    const letGo = await holdUpSettlements();
    await until(() => scene.providers.kavenegar.count() === 25, { timeout: 40_000 });
    const settling = await until(waitingForTheLock, { timeout: 20_000 });
    await kill(first);
    // PostgreSQL would go on with the statement of a client that is gone.
    await scene.db.query('SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS t(pid)', [settling]);
    await letGo();
    expect(new Set(await scene.desk.states(alerts))).toEqual(new Set(['sending']));

    await scene.desk.age(alerts, 61);
    await scene.desk.makeDue(alerts);
    scene.startProcess(redisUrl);
    await allAre('sent', alerts);
    await expectReceivedOnce(25);
    for (const alert of alerts) {
      const attempts = await scene.desk.attempts(alert);
      expect(attempts).toMatchObject([{ outcome: 'accepted' }]);
      expect(scene.providers.kavenegar.sendAttempts(attempts[0]?.id as string)).toBe(1);
    }
  });

  it('before the provider’s answer loses no SMS and doubles none', async () => {
    const redisUrl = await emptyRedis(13);
    const alerts = await scene.desk.accept(mobiles(25));
    scene.providers.kavenegar.setBehaviour(() => 'silent');
    const first = scene.startProcess(redisUrl);
    await until(() => scene.providers.kavenegar.count() === 25, { timeout: 40_000 });
    await kill(first);
    scene.providers.kavenegar.setBehaviour();
    await scene.desk.age(alerts, 61);
    await scene.desk.makeDue(alerts);
    scene.startProcess(redisUrl);
    await allAre('sent', alerts);
    await expectReceivedOnce(25);
  });

  /** Keeps every settlement from being written. @returns what lets them go */
  async function holdUpSettlements(): Promise<() => Promise<void>> {
    const client = await scene.db.pool.connect();
    await client.query('BEGIN');
    await client.query('LOCK TABLE attempts IN SHARE MODE');
    return async () => {
      await client.query('ROLLBACK');
      client.release();
    };
  }

  /** The connections of a workers process that wait to write a settlement. */
  async function waitingForTheLock(): Promise<number[] | null> {
    const rows = await scene.db.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'ablagh-workers' AND wait_event_type = 'Lock'`,
    );
    return rows.length > 0 ? rows.map(({ pid }) => pid) : null;
  }
});

describeWithRedisServer('while Redis is down', () => {
  it('notices are accepted, and their alerts leave exactly once when Redis is back, though it is empty', async () => {
    const redis = await startRedisServer(await freePort());
    try {
      scene.startProcess(redis.url);
      const before = await scene.desk.accept(mobiles(10));
      await allAre('sent', before);
      await redis.kill();
      const meanwhile = await scene.desk.accept(mobiles(250, 100));
      expect(scene.providers.kavenegar.count()).toBe(10);
      await redis.start();
      await allAre('sent', meanwhile);
      await expectReceivedOnce(260);
    } finally {
      await redis.kill();
    }
  });

  it('published work is not lost with Redis', async () => {
    const redis = await startRedisServer(await freePort());
    try {
      // All of it is put off, so that it is in Redis, as delayed jobs, or in a worker's hands when Redis goes.
      scene.providers.kavenegar.setBehaviour(() => ({ status: 451 }));
      const alerts = await scene.desk.accept(mobiles(500));
      scene.startProcess(redis.url);
      await until(() => scene.providers.kavenegar.calls('sms/sendarray') > 0, { timeout: 40_000 });
      await redis.kill();
      scene.providers.kavenegar.setBehaviour();
      await redis.start();
      await allAre('sent', alerts);
      await expectReceivedOnce(500);
    } finally {
      await redis.kill();
    }
  });
});
