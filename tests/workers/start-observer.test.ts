import type { Queue } from 'bullmq';
import { createMeasurements } from '../../core/monitoring/measure/measurements';
import type { Database } from '../../core/platform/database';
import type { QueueBackend } from '../../core/platform/queue-backend';
import { QUEUE_NAMES } from '../../core/platform/queues';
import { type ObserverOptions, startObserver } from '../../workers/start-observer';
import { describeOnBackends } from '../support/backends';
import { useDatabase } from '../support/database';
import { textOf } from '../support/statement-text';
import { until } from '../support/until';
import { type Providers, startProviders } from './providers';

const test = useDatabase({ max: 20 });

describeOnBackends('the observers on $name', ({ open }) => {
  let backend: QueueBackend;
  let providers: Providers;
  const running: ReturnType<typeof startObserver>[] = [];

  beforeEach(async () => {
    await test.db.query('TRUNCATE observer, measurements, findings');
    providers = await startProviders();
    backend = open(test.db);
    await backend.warmUp(QUEUE_NAMES);
    await until(() => backend.queue('views').getJobCounts(), { what: 'the queue is connected' });
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((observer) => observer.close()));
    await backend.close();
    await providers.close();
  });

  const start = (options: Partial<ObserverOptions> = {}) => {
    const observer = startObserver({
      db: test.db,
      backend,
      log: providers.log,
      lowCreditRials: 1_000,
      accounts: [],
      tickMs: 10,
      ...options,
    });
    running.push(observer);
    return observer;
  };
  /** The database, and how often it was asked for the lease and for a measurement. */
  const counting = (wait = async () => {}) => {
    const asked = { lease: 0, measurement: 0 };
    const db: Database = {
      ...test.db,
      async query(sql, values) {
        if (textOf(sql).includes('INSERT INTO observer')) asked.lease += 1;
        else if (textOf(sql).includes('pg_stat_database')) {
          asked.measurement += 1;
          await wait();
        }
        return test.db.query(sql, values);
      },
    };
    return { db, asked };
  };
  const measured = async () => (await createMeasurements(test.db).read()).measured;

  it('measure one at a time: another takes over as soon as one has stopped', async () => {
    const [first, second] = [counting(), counting()];
    const one = start({ db: first.db });
    await until(() => first.asked.measurement > 0);
    start({ db: second.db });
    await until(() => second.asked.lease > 3);
    expect(second.asked.measurement).toBe(0);
    await one.close();
    await until(() => second.asked.measurement > 0);
  });

  it('rest a hundred times as long as they kept PostgreSQL busy', async () => {
    const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 200));
    const { db, asked } = counting(slow);
    start({ db });
    await until(async () => (await measured()).outbox);
    const before = asked.lease;
    await until(() => asked.lease > before + 10);
    expect(asked.measurement).toBe(1);
  });

  it('go on measuring while they rest from counting the jobs in PostgreSQL', async () => {
    let ahead = 0;
    const now = performance.now.bind(performance);
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now() + ahead);
    let counts = 0;
    const slow: Pick<Queue, 'getJobCounts'> = {
      async getJobCounts() {
        counts += 1;
        ahead += 50;
        return {};
      },
    };
    const { db, asked } = counting();
    start({ db, backend: { ...backend, queue: () => slow as Queue } });
    await until(() => asked.measurement === 1 && asked.lease > 5);
    ahead += 40_000;
    await until(() => asked.measurement >= 2);
    const before = asked.lease;
    await until(() => asked.lease > before + 1);
    const rounds = counts / QUEUE_NAMES.length;
    if (backend.kind === 'postgres') expect(rounds).toBe(1);
    else expect(rounds).toBeGreaterThanOrEqual(2);
    clock.mockRestore();
  });

  it('rest less than a minute, however long it took: older figures would count as no longer measured', async () => {
    let ahead = 0;
    const now = performance.now.bind(performance);
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now() + ahead);
    const { db, asked } = counting(async () => {
      ahead += 2_000;
    });
    start({ db });
    await until(() => asked.measurement === 1 && asked.lease > 5);
    ahead += 40_000;
    const before = asked.lease;
    await until(() => asked.lease > before + 5);
    expect(asked.measurement).toBe(1);
    ahead += 15_000;
    await until(() => asked.measurement === 2);
    clock.mockRestore();
  });

  it('ask every account for its credit once a minute, also when another does not answer', async () => {
    let asked = 0;
    const credit = async () => {
      asked += 1;
      return 1_000;
    };
    const { db, asked: statements } = counting();
    const refused = () => Promise.reject(new Error('no'));
    start({
      db,
      accounts: [
        { line: 'kavenegar', credit },
        { line: 'second', credit: refused },
      ],
    });
    await until(async () => (await measured()).credit);
    expect((await measured()).credit).toEqual({ kavenegar: 1_000, second: null });
    await until(() => statements.lease > 10);
    expect(asked).toBe(1);
  });

  it('ask four times as often while an account is low on credit', async () => {
    let asked = 0;
    const credit = async () => {
      asked += 1;
      return asked < 2 ? 999 : 1_000;
    };
    const { db, asked: statements } = counting();
    start({ db, accounts: [{ line: 'kavenegar', credit }] });
    await until(async () => (await measured()).credit);
    let ahead = 0;
    const now = performance.now.bind(performance);
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now() + ahead);
    for (const [seconds, times] of [
      [16, 2],
      [32, 2],
      [80, 3],
    ] as const) {
      ahead = seconds * 1_000;
      const before = statements.lease;
      await until(() => asked === times && statements.lease > before + 10);
    }
    clock.mockRestore();
  });

  it('do not wait for a provider that is slow to answer', async () => {
    let answer: (rials: number) => void = () => {};
    const credit = () =>
      new Promise<number>((resolve) => {
        answer = resolve;
      });
    start({ accounts: [{ line: 'kavenegar', credit }] });
    await until(async () => (await measured()).outbox);
    expect((await measured()).credit).toBeUndefined();
    answer(5);
    await until(async () => (await measured()).credit?.kavenegar === 5);
  });

  it('can stop while PostgreSQL is away', async () => {
    const away: Database = { ...test.db, query: () => Promise.reject(new Error('away')) };
    await expect(start({ db: away }).close()).resolves.toBeUndefined();
  });
});
