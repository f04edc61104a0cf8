import { createLines } from '../../core/channels/lines';
import type { QueueBackend } from '../../core/platform/queue-backend';
import { LANES, OUTBOX_QUEUES, sendQueue } from '../../core/platform/queues';
import { type Relay, startRelay } from '../../workers/relay';
import { sendSms } from '../../workers/sms/send-sms';
import { type RunningWorker, startWorker } from '../../workers/start-worker';
import { type AlertDesk, createAlertDesk, mobiles } from '../support/alert-desk';
import { describeOnBackends } from '../support/backends';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { until } from '../support/until';
import { type Providers, startProviders } from './providers';

jest.setTimeout(60_000);

const RATE = 100;
/** The share of normal and bulk messages in the rate. */
const ORDINARY = 80;

describeOnBackends('a line with a rate, on $name', ({ open }) => {
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
    await createLines(test.db).setRate('kavenegar', RATE);
    // The first call pays for the connection; the provider's clock would see that.
    await providers.sms.credit();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.close()));
    await backend.close();
    await providers.close();
    await test.drop();
  });

  /** Starts the part of a workers process that sends SMS. */
  function startSending(): void {
    const { db } = test;
    running.push(startRelay({ db, backend, log: providers.log, pollEveryMs: 20 }));
    for (const lane of LANES) {
      running.push(
        startWorker({ backend, db, log: providers.log }, sendQueue('sms', lane), (ids, queue) =>
          sendSms(providers.sendSmsDeps(db), queue, ids),
        ),
      );
    }
  }
  /** Seconds on the provider's clock. */
  const arrivals = () => providers.kavenegar.messages().map(({ at }) => at.getTime() / 1000);
  const mostTries = async () => {
    const [row] = await test.db.query<{ most: number }>('SELECT max(attempt_count) AS most FROM alerts');
    return row?.most;
  };

  it('sends no more than its rate in any window of time, however many workers there are', async () => {
    const count = 500;
    await desk.accept(mobiles(count), { lane: 'bulk', together: true });
    for (let i = 0; i < 3; i += 1) startSending();
    await until(() => providers.kavenegar.count() === count, { timeout: 30_000 });
    const times = arrivals();
    for (const [i, from] of times.entries()) {
      for (let j = i; j < times.length; j += 1) {
        const window = (times[j] as number) - from;
        if (j - i + 1 > 1.1 * (RATE * window + RATE))
          throw new Error(`${j - i + 1} messages came within ${window} s`);
      }
    }
    const seconds = (times.at(-1) as number) - (times[0] as number);
    expect(seconds).toBeGreaterThan((0.9 * (count - ORDINARY)) / ORDINARY);
    expect(await mostTries()).toBe(1);
    expect(new Set(providers.kavenegar.messages().map(({ receptor }) => receptor)).size).toBe(count);
  });

  it('sends urgent messages at once while bulk messages use up their share', async () => {
    await desk.accept(mobiles(2_000), { lane: 'bulk', together: true });
    startSending();
    await until(() => providers.kavenegar.count() > 2 * ORDINARY);
    const urgent = await desk.accept(mobiles(20, 9_000), { lane: 'urgent' });
    await until(async () => (await desk.states(urgent)).every((state) => state === 'sent'));
    expect(providers.kavenegar.count()).toBeLessThan(1_000);
    expect(await mostTries()).toBe(1);
  });
});
