import { Unavailable } from '../../core/platform/errors';
import { createOutbox } from '../../core/platform/outbox';
import type { QueueBackend } from '../../core/platform/queue-backend';
import { WORK_JOB } from '../../core/platform/queues';
import { type RunningWorker, startWorker, type WorkHandler } from '../../workers/start-worker';
import { describeOnBackends } from '../support/backends';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { until } from '../support/until';
import { type Providers, startProviders } from './providers';

const QUEUE = 'sms-receipts';

describeOnBackends('a worker on $name', ({ open }) => {
  let test: TestDatabase;
  let providers: Providers;
  let backend: QueueBackend;
  const workers: RunningWorker[] = [];

  beforeAll(async () => {
    test = await createTestDatabase({ max: 20 });
  });
  beforeEach(async () => {
    providers = await startProviders();
    backend = open(test.db);
    await backend.warmUp([QUEUE]);
    await until(() => backend.queue(QUEUE).getJobCounts(), { what: 'the queue is connected' });
    await backend.queue(QUEUE).obliterate({ force: true });
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.close()));
    await backend.close();
    await providers.close();
  });
  afterAll(() => test.drop());

  const start = (handle: WorkHandler, db = test.db): RunningWorker => {
    const worker = startWorker({ backend, db, log: providers.log }, QUEUE, handle);
    workers.push(worker);
    return worker;
  };
  const push = (data: unknown) => backend.queue(QUEUE).add(WORK_JOB, data);
  /** Jobs in any state, also those that are only kept. */
  const left = async () =>
    Object.values(await backend.queue(QUEUE).getJobCounts()).reduce((sum, count) => sum + count, 0);
  const addRow = async (): Promise<string> => {
    const [row] = await test.db.query<{ id: string }>(
      `INSERT INTO outbox (queue, subject_ids, run_at, relay_at)
       VALUES ($1, '{0}', now(), now() + interval '2 minutes') RETURNING id`,
      [QUEUE],
    );
    return row?.id as string;
  };
  const relayIn = async (id: string) => {
    const [row] = await test.db.query<{ seconds: number }>(
      'SELECT extract(epoch FROM relay_at - now())::float8 AS seconds FROM outbox WHERE id = $1',
      [id],
    );
    return row?.seconds;
  };
  const loggedAs = (msg: string) => providers.logged.filter((line) => line.msg === msg);

  it('calls its handler with the ids of a job and the name of its queue, and keeps no job', async () => {
    const handled: unknown[] = [];
    start(async (...given) => void handled.push(given));
    await push({ ids: ['1', '22'] });
    await until(() => handled.length > 0);
    expect(handled).toEqual([[['1', '22'], QUEUE]]);
    await until(async () => (await left()) === 0);
  });

  it('puts the rows of failed work back into the outbox, and logs only the kind of the error', async () => {
    const id = await addRow();
    start(async () => {
      throw new TypeError('09121234567 is in this message');
    });
    await push({ ids: [id] });
    const [line] = await until(() => {
      const found = loggedAs('job failed, its work is tried again');
      return found.length > 0 && found;
    });
    expect(line).toMatchObject({ level: 40, queue: QUEUE, error: 'TypeError' });
    expect(JSON.stringify(providers.logged)).not.toContain('0912');
    expect(await relayIn(id)).toBeGreaterThan(3);
    expect(await relayIn(id)).toBeLessThanOrEqual(5);
    await until(async () => (await left()) === 0);
  });

  it('puts them back as soon as PostgreSQL is there again', async () => {
    const id = await addRow();
    let refused = 0;
    const query: typeof test.db.query = (sql, values) => {
      if (refused === 2) return test.db.query(sql, values);
      refused += 1;
      return Promise.reject(new Unavailable('postgres'));
    };
    start(async () => Promise.reject(new Unavailable('postgres')), { ...test.db, query });
    await push({ ids: [id] });
    await until(() => loggedAs('job failed, its work is tried again').length > 0);
    expect(refused).toBe(2);
    expect(await relayIn(id)).toBeLessThanOrEqual(5);
  });

  it('leaves rows to their lease when they cannot be put back', async () => {
    const id = await addRow();
    const away = { ...test.db, query: async () => Promise.reject(new Error('away')) };
    start(async () => Promise.reject(new Error('no')), away);
    await push({ ids: [id] });
    await until(() => loggedAs('job failed, its work is tried again').length > 0);
    expect(await relayIn(id)).toBeGreaterThan(60);
    expect(await relayIn(id)).toBeLessThanOrEqual(120);
  });

  it.each([
    ['no data', undefined],
    ['no set of ids', { id: '1' }],
    ['an empty set', { ids: [] }],
    ['ids that are none', { ids: ["1'; DROP TABLE alerts; --"] }],
    ['one field too many', { ids: ['1'], mobile: '09121234567' }],
    ['too many ids', { ids: Array.from({ length: 501 }, (_, i) => String(i)) }],
  ])('gives up a job that holds %s, and goes on', async (_, data) => {
    const handled: string[][] = [];
    start(async (ids) => void handled.push(ids));
    await push(data);
    await until(() => loggedAs('job given up').length > 0);
    expect(loggedAs('job given up')).toMatchObject([{ level: 30, queue: QUEUE }]);
    await push({ ids: ['7'] });
    await until(() => handled.length > 0);
    expect(handled).toEqual([['7']]);
    await until(async () => (await left()) === 0);
  });

  it('finishes its jobs before it closes', async () => {
    let finish: () => void = () => {};
    const latch = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let began = false;
    let ended = false;
    const worker = start(async () => {
      began = true;
      await latch;
      ended = true;
    });
    await push({ ids: ['1'] });
    await until(() => began);
    const closed = worker.close().then(() => ended);
    finish();
    expect(await closed).toBe(true);
  });

  it('completes its work in the end though it failed at first', async () => {
    const id = await addRow();
    let tries = 0;
    start(async (ids) => {
      tries += 1;
      if (tries === 1) throw new Error('not yet');
      await createOutbox(test.db).remove(QUEUE, ids);
    });
    await push({ ids: [id] });
    await until(async () => ((await relayIn(id)) ?? 99) <= 5);
    await push({ ids: [id] });
    await until(async () => (await relayIn(id)) === undefined);
    expect(tries).toBe(2);
  });
});
