import { randomUUID } from 'node:crypto';
import { createObserverLease } from '../../../core/monitoring/measure/observer-lease';
import { createProcesses } from '../../../core/monitoring/processes';
import { startHeartbeat } from '../../../core/monitoring/start-heartbeat';
import { createLog } from '../../../core/platform/log';
import { createMetrics } from '../../../core/platform/metrics';
import { useDatabase } from '../../support/database';
import { until } from '../../support/until';

const test = useDatabase();
const log = createLog('test', 'silent');
const aHeartbeat = (id = randomUUID()) => ({ id, kind: 'api' as const, host: 'here', pid: 7, data: {} });
const backdate = (id: string, seconds: number) =>
  test.db.query('UPDATE processes SET beat_at = now() - make_interval(secs => $2) WHERE id = $1', [
    id,
    seconds,
  ]);

beforeEach(() => test.db.query('TRUNCATE processes, observer, traffic'));

describe('a process', () => {
  it('is alive for half a minute after its last heartbeat', async () => {
    const processes = createProcesses(test.db);
    const { id, ...rest } = aHeartbeat();
    await processes.beat({ id, ...rest });
    await backdate(id, 29);
    expect(await processes.list()).toMatchObject([{ id, kind: 'api', host: 'here', pid: 7, alive: true }]);
    await backdate(id, 31);
    expect(await processes.list()).toMatchObject([{ id, alive: false }]);
    await processes.beat({ id, ...rest });
    expect(await processes.list()).toMatchObject([{ id, alive: true }]);
  });

  it('that died is listed for a day', async () => {
    const processes = createProcesses(test.db);
    const [yesterday, today] = [aHeartbeat(), aHeartbeat()];
    await processes.beat(yesterday);
    await processes.beat(today);
    await backdate(yesterday.id, 24 * 3600 + 1);
    await backdate(today.id, 23 * 3600);
    await processes.purgeDead();
    expect(await processes.list()).toMatchObject([{ id: today.id }]);
  });

  it('is listed while it runs; when it stops, it writes its last counts and removes itself', async () => {
    const metrics = createMetrics();
    const heartbeat = startHeartbeat({
      db: test.db,
      metrics,
      log,
      kind: 'workers',
      data: { queues: 'redis' },
    });
    const [seen] = await until(async () => {
      const found = await createProcesses(test.db).list();
      return found.length > 0 && found;
    });
    expect(seen).toMatchObject({ kind: 'workers', pid: process.pid, alive: true });
    metrics.countAccepted('bulk', 3);
    await heartbeat.close();
    expect(await createProcesses(test.db).list()).toEqual([]);
    expect(await test.db.query('SELECT count::int FROM traffic')).toEqual([{ count: 3 }]);
  });

  it('can stop while PostgreSQL is away', async () => {
    const query = () => Promise.reject(new Error('away'));
    const heartbeat = startHeartbeat({ db: { query }, metrics: createMetrics(), log, kind: 'api', data: {} });
    await expect(heartbeat.close()).resolves.toBeUndefined();
  });
});

describe('the observer’s lease', () => {
  it('is held by one process at a time, for as long as it renews it', async () => {
    const [one, other] = [randomUUID(), randomUUID()].map((id) => createObserverLease(test.db, id));
    expect(await one?.hold()).toBe(true);
    expect(await other?.hold()).toBe(false);
    expect(await one?.hold()).toBe(true);
  });

  it('goes to only one process when many ask at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => createObserverLease(test.db, randomUUID()).hold()),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  it('goes to another process when its holder is frozen, and the holder learns that it lost it', async () => {
    const [frozen, other] = [randomUUID(), randomUUID()].map((id) => createObserverLease(test.db, id));
    await frozen?.hold();
    const [{ seconds } = { seconds: 0 }] = await test.db.query<{ seconds: number }>(
      'SELECT extract(epoch FROM held_until - now())::float8 AS seconds FROM observer',
    );
    expect(seconds).toBeLessThanOrEqual(25);
    await test.db.query(`UPDATE observer SET held_until = now() - interval '1 second'`);
    expect(await other?.hold()).toBe(true);
    expect(await frozen?.hold()).toBe(false);
  });

  it('is free at once when its holder releases it, and no other process can release it', async () => {
    const [one, other] = [randomUUID(), randomUUID()].map((id) => createObserverLease(test.db, id));
    await one?.hold();
    await other?.release();
    expect(await other?.hold()).toBe(false);
    await one?.release();
    expect(await other?.hold()).toBe(true);
  });
});
