import { createFindings } from '../../core/monitoring/findings';
import { createDatabase, type Database } from '../../core/platform/database';
import { createLog } from '../../core/platform/log';
import { createMetrics, type Metrics } from '../../core/platform/metrics';
import { createPostgresQueueBackend } from '../../core/platform/postgres-queue-backend';
import type { QueueBackend } from '../../core/platform/queue-backend';
import { WORK_JOB } from '../../core/platform/queues';
import { createRedisQueueBackend } from '../../core/platform/redis-queue-backend';
import { startWorker, type WorkHandler } from '../../workers/start-worker';
import type { RunningWorker } from '../../workers/supervise-worker';
import { reportWorkerReplaced } from '../../workers/telemetry';
import { describeOnBackends } from '../support/backends';
import { useDatabase } from '../support/database';
import { createTcpProxy, type TcpProxy, throughProxy } from '../support/tcp-proxy';
import { until } from '../support/until';
import { type Providers, startProviders } from './providers';

const QUEUE = 'views';
/** The name of the connections that may die. */
const FAR = 'beyond-the-proxy';
/** Long enough that a healthy worker of a busy machine has begun a job by then. */
const STALLED_AFTER_MS = 1_000;

const test = useDatabase({ max: 20 });

describeOnBackends('a worker on $name', ({ name, open }) => {
  let providers: Providers;
  /** The queue as the relay reaches it. */
  let backend: QueueBackend;
  let proxy: TcpProxy;
  /** The queue as a worker reaches it by connections that may die silently. */
  let beyond: { backend: QueueBackend; close(): Promise<void> };
  let worker: RunningWorker | undefined;
  const replaced: string[] = [];
  let metrics: Metrics;
  const handled: string[][] = [];

  beforeEach(async () => {
    replaced.length = 0;
    await test.db.query('TRUNCATE findings');
    handled.length = 0;
    metrics = createMetrics();
    providers = await startProviders();
    if (name === 'redis') {
      const url = process.env.TEST_REDIS_URL as string;
      const prefix = `test-${process.pid}-${Date.now()}`;
      backend = createRedisQueueBackend(url, providers.log, prefix);
      proxy = await createTcpProxy(Number(new URL(url).port));
      const far = createRedisQueueBackend(throughProxy(url, proxy), providers.log, prefix);
      beyond = { backend: far, close: () => far.close() };
    } else {
      backend = open(test.db);
      proxy = await createTcpProxy(Number(new URL(test.url).port));
      const db: Database = createDatabase(throughProxy(test.url, proxy), { name: FAR });
      const far = createPostgresQueueBackend(db.pool, providers.log);
      beyond = {
        backend: far,
        async close() {
          await far.close();
          await db.close();
        },
      };
    }
    await backend.warmUp([QUEUE]);
    await until(() => backend.queue(QUEUE).getJobCounts(), { what: 'the queue is connected' });
    await backend.queue(QUEUE).obliterate({ force: true });
  });
  afterEach(async () => {
    // What was stifled would never end.
    await proxy.cut();
    await proxy.restore();
    await worker?.close();
    await beyond.close();
    await proxy.close();
    await backend.close();
    await providers.close();
  });

  const start = (handle: WorkHandler = async (ids) => void handled.push(ids)) => {
    const mixed = { ...backend, worker: beyond.backend.worker };
    const stallDetection = {
      stalledAfterMs: STALLED_AFTER_MS,
      onReplaced: async (queue: string) => {
        replaced.push(queue);
        await reportWorkerReplaced(test.db, metrics, QUEUE);
      },
    };
    worker = startWorker({ backend: mixed, db: test.db, log: providers.log, stallDetection }, QUEUE, handle);
  };
  /** Waits until no transaction runs: one that is cut off would hold its locks until PostgreSQL ends it after a minute. */
  const atRest = () =>
    until(async () => {
      const busy = await test.db.query(
        `SELECT FROM pg_stat_activity WHERE application_name = $1 AND state <> 'idle'`,
        [FAR],
      );
      return busy.length === 0 && (await backend.queue(QUEUE).getActiveCount()) === 0;
    });
  const push = (id: string) => backend.queue(QUEUE).add(WORK_JOB, { ids: [id] });
  const warnings = () => providers.logged.filter(({ msg }) => String(msg).includes('takes no jobs'));

  it('that takes no jobs is replaced, the waiting job is done, and a warning is logged', async () => {
    start();
    await push('1');
    await until(() => handled.length === 1);
    await atRest();
    proxy.stifle();
    await push('2');
    // On PostgreSQL the next worker may be given a dead connection of the pool as well, until those are used up.
    await until(() => handled.length === 2, { timeout: 20_000 });
    expect(handled).toEqual([['1'], ['2']]);
    expect(new Set(replaced)).toEqual(new Set([QUEUE]));
    expect(warnings()).toHaveLength(replaced.length);
    expect(warnings()[0]).toMatchObject({ level: 40, queue: QUEUE });
    const [found] = await until(async () => {
      const all = await createFindings(test.db).list();
      return all.length > 0 && all;
    });
    expect(found).toMatchObject({ rule: 'worker-rebuilt', subject: QUEUE });
    expect(await metrics.scrape()).toContain(
      `ablagh_worker_rebuilds_total{queue="${QUEUE}"} ${replaced.length}`,
    );
    const before = replaced.length;
    await push('3');
    await until(() => handled.length === 3);
    expect(replaced).toHaveLength(before);
  });

  it('that does not fetch a delayed job is replaced too, because only workers make such a job due', async () => {
    start();
    await push('1');
    await until(() => handled.length === 1);
    await atRest();
    proxy.stifle();
    await backend.queue(QUEUE).add(WORK_JOB, { ids: ['2'] }, { delay: 100 });
    await until(() => handled.length === 2, { timeout: 20_000 });
    expect(new Set(replaced)).toEqual(new Set([QUEUE]));
  });

  it('whose slots are all busy is not replaced', async () => {
    const letGo: (() => void)[] = [];
    start((ids) => {
      handled.push(ids);
      return new Promise((resolve) => letGo.push(resolve));
    });
    await push('1');
    await push('2');
    await until(() => handled.length === 1);
    const before = Date.now();
    await until(() => Date.now() - before > 2 * STALLED_AFTER_MS);
    expect(replaced).toEqual([]);
    letGo.pop()?.();
    await until(() => handled.length === 2);
    letGo.pop()?.();
  });

  it('of a paused queue is not replaced', async () => {
    start();
    await backend.queue(QUEUE).pause();
    await push('1');
    const before = Date.now();
    await until(() => Date.now() - before > 2 * STALLED_AFTER_MS);
    expect(replaced).toEqual([]);
    await backend.queue(QUEUE).resume();
    await until(() => handled.length === 1);
  });
});

describe('a worker whose first connection to PostgreSQL fails', () => {
  it('is replaced and does its jobs: BullMQ never tries that connection again, and would let nothing else run', async () => {
    const log = createLog('test', 'silent');
    const db = createDatabase(test.url);
    const connect = db.pool.connect.bind(db.pool) as (...args: unknown[]) => unknown;
    let attempts = 0;
    const refusingOnce = (...args: unknown[]) => {
      attempts += 1;
      return attempts === 1
        ? Promise.reject(new Error('timeout exceeded when trying to connect'))
        : connect(...args);
    };
    Object.assign(db.pool, { connect: refusingOnce });
    const far = createPostgresQueueBackend(db.pool, log);
    const near = createPostgresQueueBackend(test.db.pool, log);
    const ids: string[][] = [];
    const backend = { ...near, worker: far.worker };
    const worker = startWorker({ backend, db: test.db, log }, QUEUE, async (job) => void ids.push(job));
    await near.queue(QUEUE).add(WORK_JOB, { ids: ['1'] });
    await until(() => ids.length === 1);
    await worker.close();
    await far.close();
    await near.close();
    await db.close();
  });
});
