import { createMeasurements } from '../../core/operation/measurements';
import type { Database } from '../../core/platform/database';
import type { QueueBackend } from '../../core/platform/queue-backend';
import { QUEUE_NAMES } from '../../core/platform/queues';
import { type ObserverOptions, startObserver } from '../../workers/start-observer';
import { backends } from '../support/backends';
import { useDatabase } from '../support/database';
import { until } from '../support/until';
import { type Providers, startProviders } from './providers';

const test = useDatabase({ max: 20 });

describe.each(backends)('the observers on $name', ({ open }) => {
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
      creditLow: 1_000,
      accounts: [],
      tick: 10,
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
        if (sql.includes('INSERT INTO observer')) asked.lease += 1;
        else if (sql.includes('pg_stat_database')) {
          asked.measurement += 1;
          await wait();
        }
        return test.db.query(sql, values);
      },
    };
    return { db, asked };
  };
  const measured = async () => (await createMeasurements(test.db).read()).measured;

  it('take turns: one measures, and another as soon as that one has stopped', async () => {
    const [first, second] = [counting(), counting()];
    const one = start({ db: first.db });
    await until(() => first.asked.measurement > 0);
    start({ db: second.db });
    await until(() => second.asked.lease > 3);
    expect(second.asked.measurement).toBe(0);
    await one.close();
    await until(() => second.asked.measurement > 0);
  });

  it('let PostgreSQL rest a hundred times as long as they kept it busy', async () => {
    const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 200));
    const { db, asked } = counting(slow);
    start({ db });
    await until(async () => (await measured()).outbox);
    const before = asked.lease;
    await until(() => asked.lease > before + 10);
    expect(asked.measurement).toBe(1);
  });

  it('ask for the credit once a minute, of every account, whatever becomes of the others', async () => {
    let asked = 0;
    const credit = async () => {
      asked += 1;
      return 900;
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
    expect((await measured()).credit).toEqual({ kavenegar: 900, second: null });
    await until(() => statements.lease > 10);
    expect(asked).toBe(1);
  });

  it('do not wait for a provider that is slow to tell the credit', async () => {
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
