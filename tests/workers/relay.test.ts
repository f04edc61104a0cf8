import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { createLanePauses } from '../../core/channels/lane-pauses';
import { createLines } from '../../core/channels/lines';
import { createFindings } from '../../core/monitoring/findings';
import { createOutbox } from '../../core/platform/outbox';
import type { QueueBackend } from '../../core/platform/queue-backend';
import { OUTBOX_QUEUES, type OutboxQueue, SEND_QUEUES } from '../../core/platform/queues';
import { guardEpoch } from '../../workers/guard-epoch';
import { type Relay, type RelayDependencies, startRelay } from '../../workers/relay';
import { sendSms } from '../../workers/sms/send-sms';
import { type RunningWorker, startWorker, type WorkHandler } from '../../workers/start-worker';
import { type AlertDesk, createAlertDesk, mobiles, type TestAlert } from '../support/alert-desk';
import { describeOnBackends } from '../support/backends';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { until } from '../support/until';
import { type Providers, startProviders } from './providers';

jest.setTimeout(60_000);

describeOnBackends('the relay on $name', ({ open }) => {
  let test: TestDatabase;
  let desk: AlertDesk;
  let providers: Providers;
  let backend: QueueBackend;
  const running: (Relay | RunningWorker)[] = [];

  beforeEach(async () => {
    test = await createTestDatabase({ max: 30 });
    desk = await createAlertDesk(test.db);
    providers = await startProviders();
    backend = open(test.db);
    await backend.warmUp(OUTBOX_QUEUES);
    await until(() => backend.ping().then(() => true), { what: 'the queue is connected' });
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.close()));
    await backend.close();
    await providers.close();
    await test.drop();
  });

  const relay = (given: Partial<RelayDependencies> = {}): Relay => {
    const started = startRelay({ db: test.db, backend, log: providers.log, pollEveryMs: 20, ...given });
    running.push(started);
    return started;
  };
  const work = (queue: OutboxQueue, handle: WorkHandler = send): void => {
    running.push(startWorker({ backend, db: test.db, log: providers.log }, queue, handle));
  };
  const send: WorkHandler = (ids, queue) => sendSms(providers.sendSmsDeps(test.db), queue, ids);

  /** Rows of a queue whose work nobody looks into; seconds from now. */
  const addRows = (queue: OutboxQueue, count: number, runIn = 0) =>
    test.db.query(
      `INSERT INTO outbox (queue, subject_ids, run_at, relay_at)
       SELECT $1, '{0}', now() + make_interval(secs => $3), now() + make_interval(secs => $3) - interval '15 minutes'
         FROM generate_series(1, $2)`,
      [queue, count, runIn],
    );
  const pendingIn = async (...queues: OutboxQueue[]) => {
    const [row] = await test.db.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM outbox WHERE relay_at <= now() AND queue = ANY($1)',
      [queues],
    );
    return row?.count;
  };
  const pending = () => pendingIn(...OUTBOX_QUEUES);
  const jobs = async (queue: OutboxQueue) =>
    backend.queue(queue).getJobs(['waiting', 'delayed', 'active', 'prioritized']);
  const sizes = async (queue: OutboxQueue) =>
    (await jobs(queue)).map((job) => job.data.ids.length).sort((a, b) => b - a);
  const allSent = (alerts: TestAlert[]) =>
    until(async () => (await desk.states(alerts)).every((state) => state === 'sent'), {
      timeout: 40_000,
      what: 'all are sent',
    });
  /** Every alert reached the provider, and no send of it was tried a second time. */
  const expectSentOnce = async (count: number) => {
    const attempts = await test.db.query<{ id: string }>('SELECT id FROM attempts');
    expect(attempts).toHaveLength(count);
    expect(new Set(attempts.map(({ id }) => providers.kavenegar.sendAttempts(id)))).toEqual(new Set([1]));
    expect(providers.kavenegar.count()).toBe(count);
  };

  it('publishes due work, in sets that hold ids and nothing else', async () => {
    const alerts = await desk.accept(mobiles(450));
    relay();
    await until(async () => (await pending()) === 0);
    expect(await sizes('sms-normal')).toEqual([200, 200, 50]);
    const published = (await jobs('sms-normal')).map(({ data }) => data);
    expect(published.map((data) => Object.keys(data))).toEqual([['ids'], ['ids'], ['ids']]);
    expect(published.flatMap(({ ids }) => ids).sort()).toEqual(alerts.map(({ outboxId }) => outboxId).sort());
  });

  it('leaves work that is due much later in PostgreSQL, and publishes nearer work as a delayed job', async () => {
    await addRows('sms-normal', 1, 3_600);
    await addRows('sms-normal', 2, 600);
    relay();
    const [job] = await until(async () => {
      const found = await jobs('sms-normal');
      return found.length > 0 && found;
    });
    expect(await sizes('sms-normal')).toEqual([2]);
    expect(await backend.queue('sms-normal').getDelayedCount()).toBe(1);
    expect(job?.delay).toBeGreaterThan(590_000);
    expect(job?.delay).toBeLessThanOrEqual(600_000);
  });

  it('leaves rows pending whose jobs could not be added', async () => {
    const alerts = await desk.accept(mobiles(300));
    let refused = 0;
    const refusing = (queue: Queue): Queue =>
      Object.assign(Object.create(queue), {
        addBulk: async () => {
          refused += 1;
          throw new Error('the queue is full');
        },
      });
    const failing = relay({ backend: { ...backend, queue: (name) => refusing(backend.queue(name)) } });
    await until(() => refused > 0);
    await failing.close();
    expect(await pending()).toBe(300);
    expect(providers.logged).toMatchObject([
      expect.anything(),
      { level: 40, msg: 'relay is in trouble, nothing is lost' },
    ]);
    relay();
    work('sms-normal');
    await allSent(alerts);
    await expectSentOnce(300);
  });

  it('loses nothing when it dies after publishing and before its commit', async () => {
    const alerts = await desk.accept(mobiles(300));
    const dying: TestDatabase['db'] = {
      ...test.db,
      transaction: (act) =>
        test.db.transaction(async (trx) => {
          await act(trx);
          throw new Error('killed');
        }),
    };
    await guardEpoch({ db: test.db, backend, log: providers.log });
    const first = relay({ db: dying });
    await until(async () => (await jobs('sms-normal')).length > 0);
    await first.close();
    expect(await pending()).toBe(300);
    relay();
    work('sms-normal');
    await allSent(alerts);
    await expectSentOnce(300);
  });

  it('publishes no more than the queue has capacity for', async () => {
    await addRows('sms-receipts', 4_600);
    const first = relay();
    await until(async () => (await sizes('sms-receipts')).length === 8);
    await first.close();
    expect(await pending()).toBe(600);
  });

  it('starts a round at once when it is kicked', async () => {
    const sleepy = relay({ pollEveryMs: 600_000 });
    await until(async () => (await test.db.query('SELECT 1 FROM queue_epoch')).length > 0);
    await desk.accept(mobiles(1));
    await until(async () => {
      sleepy.kick();
      return (await sizes('sms-normal')).length === 1;
    });
  });

  it('holds back the work of a disabled channel until it opens', async () => {
    await createLines(test.db).disable('kavenegar', 'closed', '403', 'the API key is not valid');
    const alerts = await desk.accept(mobiles(5));
    await desk.accept(['ali@example.org']);
    relay();
    work('sms-normal');
    await until(async () => (await sizes('email-normal')).length === 1);
    expect(await desk.states(alerts)).toEqual(Array(5).fill('queued'));
    expect(await pending()).toBe(5);
    await createLines(test.db).openChannel('sms');
    await allSent(alerts);
  });

  it('holds back a paused lane, and no other, until it is resumed', async () => {
    await createLanePauses(test.db).pause('sms', 'bulk', 'sara', 'too many complaints');
    const bulk = await desk.accept(mobiles(5), { lane: 'bulk' });
    const normal = await desk.accept(mobiles(5, 100));
    relay();
    work('sms-bulk');
    work('sms-normal');
    await allSent(normal);
    expect(await desk.states(bulk)).toEqual(Array(5).fill('queued'));
    expect(await sizes('sms-bulk')).toEqual([]);
    await createLanePauses(test.db).resume('sms', 'bulk');
    await allSent(bulk);
    await expectSentOnce(10);
  });

  it('leaves published work of a paused lane to its worker, which puts it back', async () => {
    const alerts = await desk.accept(mobiles(5));
    relay();
    await until(async () => (await sizes('sms-normal')).length === 1);
    await createLanePauses(test.db).pause('sms', 'normal', 'sara', 'too many complaints');
    work('sms-normal');
    await until(async () => (await sizes('sms-normal')).length === 0);
    await until(async () => (await pending()) === 5);
    expect(await desk.states(alerts)).toEqual(Array(5).fill('queued'));
    expect(await desk.attempts(alerts[0] as TestAlert)).toEqual([]);
    await createLanePauses(test.db).resume('sms', 'normal');
    await allSent(alerts);
  });

  it('lets an urgent alert overtake five thousand that wait', async () => {
    const bulk = await desk.accept(mobiles(5_000), { lane: 'bulk' });
    let letThrough: () => void = () => {};
    const latch = new Promise<void>((resolve) => {
      letThrough = resolve;
    });
    relay();
    work('sms-bulk', async (ids, queue) => {
      await latch;
      await send(ids, queue);
    });
    work('sms-urgent');
    await until(async () => (await backend.queue('sms-bulk').getActiveCount()) > 0);
    const urgent = await desk.accept(mobiles(1, 9_000), { lane: 'urgent' });
    await allSent(urgent);
    expect(providers.kavenegar.count()).toBe(1);
    expect(new Set(await desk.states(bulk))).toEqual(new Set(['queued']));
    letThrough();
    await allSent(bulk);
    await expectSentOnce(5_001);
  });

  it('sends nothing twice beside another relay', async () => {
    const alerts = await desk.accept(mobiles(1_500));
    relay();
    relay();
    relay();
    work('sms-normal');
    work('sms-normal');
    await allSent(alerts);
    await expectSentOnce(1_500);
  });

  describe('when the queue lost its jobs', () => {
    /** Wipes the queue. PostgreSQL cannot lose its jobs like Redis, so there the epoch is changed as well. */
    async function loseJobs(): Promise<void> {
      if (backend.kind === 'postgres') {
        for (const queue of SEND_QUEUES) await backend.queue(queue).obliterate({ force: true });
        await backend.writeEpoch('another');
        return;
      }
      const redis = new Redis(process.env.TEST_REDIS_URL as string);
      const keys = await redis.keys(`${backend.queue('sms-normal').opts.prefix}*`);
      if (keys.length > 0) await redis.del(keys);
      redis.disconnect();
    }

    it('publishes all of its work again, and each alert is sent exactly once', async () => {
      const alerts = await desk.accept(mobiles(600));
      relay();
      await until(async () => (await pending()) === 0);
      await loseJobs();
      await until(() =>
        providers.logged.some(
          ({ msg, republished }) => /lost its jobs/.test(String(msg)) && republished === 600,
        ),
      );
      await until(async () => (await sizes('sms-normal')).length === 3);
      work('sms-normal');
      await allSent(alerts);
      await expectSentOnce(600);
    });

    it('sends the rest and nothing twice, also in the middle of sending', async () => {
      const alerts = await desk.accept(mobiles(2_000));
      let lost: Promise<void> | undefined;
      providers.kavenegar.setBehaviour(() => {
        if (providers.kavenegar.calls() === 3) lost = loseJobs();
        return 'pass';
      });
      relay();
      work('sms-normal');
      await allSent(alerts);
      await lost;
      await expectSentOnce(2_000);
    });

    it('keeps the pauses of lanes, which stand in PostgreSQL', async () => {
      const alerts = await desk.accept(mobiles(5), { lane: 'bulk' });
      relay();
      work('sms-bulk', async () => {});
      await until(async () => (await pending()) === 0);
      await createLanePauses(test.db).pause('sms', 'bulk', 'sara', 'too many complaints');
      await loseJobs();
      await until(() => providers.logged.some(({ msg }) => /lost its jobs/.test(String(msg))));
      await until(async () => (await pendingIn('sms-bulk')) === 5);
      const normal = await desk.accept(mobiles(1, 100));
      work('sms-normal');
      await allSent(normal);
      expect(await desk.states(alerts)).toEqual(Array(5).fill('queued'));
      expect(await pendingIn('sms-bulk')).toBe(5);
    });

    it('detects it in one of many processes, which raises a finding', async () => {
      const metrics = { countEpochChange: jest.fn() };
      const deps = { db: test.db, backend, log: providers.log, metrics };
      await guardEpoch(deps);
      await addRows('sms-normal', 10);
      await createOutbox(test.db).claimDue(new Map([['sms-normal', 10]]));
      await loseJobs();
      await Promise.all(Array.from({ length: 6 }, () => guardEpoch(deps)));
      expect(await pending()).toBe(10);
      expect(providers.logged.filter(({ level }) => level === 50)).toMatchObject([{ republished: 10 }]);
      await guardEpoch(deps);
      expect(providers.logged.filter(({ level }) => level === 50)).toHaveLength(1);
      expect(metrics.countEpochChange).toHaveBeenCalledTimes(1);
      expect(await createFindings(test.db).list()).toMatchObject([
        { rule: 'epoch-changed', subject: 'queue', detail: '10' },
      ]);
    });
  });
});
