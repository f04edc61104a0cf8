import { createOutbox, type DueRow, groupIntoJobs } from '../../../core/platform/outbox';
import type { OutboxQueue } from '../../../core/platform/queues';
import { useDatabase } from '../../support/database';

const test = useDatabase({ max: 10 });
const outbox = () => createOutbox(test.db);
const LEASE_SECONDS = 120;

beforeEach(() => test.db.query('TRUNCATE outbox RESTART IDENTITY'));

/** Adds rows with times in seconds from now. @returns their ids, in order */
async function add(queue: OutboxQueue, ...rows: { runIn?: number; relayIn?: number }[]): Promise<string[]> {
  const added = await test.db.query<{ id: string }>(
    `INSERT INTO outbox (queue, subject_ids, run_at, relay_at)
     SELECT $1, '{1}', now() + make_interval(secs => run_in), now() + make_interval(secs => relay_in)
       FROM unnest($2::float8[], $3::float8[]) AS t(run_in, relay_in) RETURNING id`,
    [queue, rows.map(({ runIn = 0 }) => runIn), rows.map(({ relayIn = 0 }) => relayIn)],
  );
  return added.map(({ id }) => id);
}

const rows = () =>
  test.db.query<{ id: string; runIn: number; relayIn: number }>(
    `SELECT id, extract(epoch FROM run_at - now())::float8 AS "runIn",
            extract(epoch FROM relay_at - now())::float8 AS "relayIn" FROM outbox ORDER BY id`,
  );
const relayIn = async () => (await rows()).map((row) => row.relayIn);
/** Matches seconds from now, with some tolerance for a slow machine. */
const about = (seconds: number) => expect.closeTo(seconds, -1);
const capacity = (queue: OutboxQueue, count: number) => new Map([[queue, count]]);
const ids = (claimed: DueRow[]) => claimed.map(({ id }) => id).sort((a, b) => Number(a) - Number(b));

describe('the rows the relay claims', () => {
  it('are the pending ones, with the seconds until each is due', async () => {
    const [due, near] = await add('sms-normal', {}, { runIn: 300 }, { runIn: 3600, relayIn: 2700 });
    expect((await outbox().claimDue(capacity('sms-normal', 10))).sort(byId)).toEqual([
      { id: due, queue: 'sms-normal', dueIn: 0, size: 1 },
      { id: near, queue: 'sms-normal', dueIn: about(300), size: 1 },
    ]);
  });

  it('are not claimed again before the end of their lease, which begins when they are due', async () => {
    await add('sms-normal', {}, { runIn: 300 });
    await outbox().claimDue(capacity('sms-normal', 10));
    expect(await relayIn()).toEqual([about(LEASE_SECONDS), about(300 + LEASE_SECONDS)]);
    expect(await outbox().claimDue(capacity('sms-normal', 10))).toEqual([]);
    await test.db.query(`UPDATE outbox SET relay_at = relay_at - interval '121 seconds'`);
    expect(await outbox().claimDue(capacity('sms-normal', 10))).toHaveLength(1);
  });

  it('are the oldest ones, up to the capacity of the queue', async () => {
    const added = await add('sms-bulk', { relayIn: -1 }, { relayIn: -3 }, { relayIn: -2 });
    expect(ids(await outbox().claimDue(capacity('sms-bulk', 2)))).toEqual([added[1], added[2]]);
  });

  it('are counted by subjects, and a row with more subjects than the capacity is claimed alone', async () => {
    const added = await add('sms-bulk', { relayIn: -3 }, { relayIn: -2 }, { relayIn: -1 });
    await test.db.query(`UPDATE outbox SET subject_ids = ARRAY(SELECT generate_series(1, 150))`);
    expect(ids(await outbox().claimDue(capacity('sms-bulk', 100)))).toEqual([added[0]]);
    expect(ids(await outbox().claimDue(capacity('sms-bulk', 300)))).toEqual([added[1], added[2]]);
  });

  it('are counted for each queue separately', async () => {
    await add('sms-bulk', {}, {}, {});
    await add('sms-urgent', {});
    await add('email-normal', {});
    const claimed = await outbox().claimDue(
      new Map([
        ['sms-bulk', 2],
        ['sms-urgent', 2],
      ]),
    );
    expect(claimed.map(({ queue }) => queue).sort()).toEqual(['sms-bulk', 'sms-bulk', 'sms-urgent']);
  });

  it('are skipped while another relay holds them', async () => {
    await add('sms-normal', ...Array.from({ length: 40 }, () => ({})));
    const claimed = await Promise.all(
      Array.from({ length: 4 }, () =>
        test.db.transaction((trx) => createOutbox(trx).claimDue(capacity('sms-normal', 10))),
      ),
    );
    expect(new Set(claimed.flat().map(({ id }) => id)).size).toBe(claimed.flat().length);
  });

  it('stay pending when the relay fails before its commit', async () => {
    await add('sms-normal', {});
    const failing = test.db.transaction(async (trx) => {
      await createOutbox(trx).claimDue(capacity('sms-normal', 10));
      throw new Error('the queue is away');
    });
    await expect(failing).rejects.toThrow('the queue is away');
    expect(await outbox().claimDue(capacity('sms-normal', 10))).toHaveLength(1);
  });
});

describe('the queues with due rows', () => {
  it('are those of the given queues with pending rows', async () => {
    await add('sms-normal', {});
    await add('email-bulk', {});
    await add('sms-receipts', { relayIn: 60 });
    expect(await outbox().queuesWithDueRows(['sms-normal', 'sms-receipts', 'sms-urgent'])).toEqual([
      'sms-normal',
    ]);
    expect(await outbox().queuesWithDueRows([])).toEqual([]);
  });
});

describe('published rows whose jobs are lost', () => {
  it('become pending again, and no others do', async () => {
    const HORIZON_SECONDS = 900;
    const [published, publishedAhead, far, pending] = await add(
      'sms-normal',
      { relayIn: LEASE_SECONDS },
      { runIn: 300, relayIn: 300 + LEASE_SECONDS },
      { runIn: 7_200, relayIn: 7_200 - HORIZON_SECONDS },
      {},
    );
    expect(await outbox().republishAll()).toBe(2);
    expect(ids(await outbox().claimDue(capacity('sms-normal', 10)))).toEqual([
      published,
      publishedAhead,
      pending,
    ]);
    expect((await rows()).find(({ id }) => id === far)?.relayIn).toBeGreaterThan(6_000);
    expect((await rows()).find(({ id }) => id === publishedAhead)?.runIn).toBeGreaterThan(290);
  });
});

describe('rows that are retried later', () => {
  it('are pending at once, or after the given seconds', async () => {
    const added = await add('sms-normal', { relayIn: 99 }, { relayIn: 99 }, { relayIn: 99 });
    const [now, later] = added as [string, string, string];
    await outbox().retryLater([now]);
    await outbox().retryLater([later], 15);
    await outbox().retryLater([]);
    expect(await relayIn()).toEqual([about(0), about(15), about(99)]);
    expect(ids(await outbox().claimDue(capacity('sms-normal', 10)))).toEqual([now]);
  });
});

describe('rows that are requeued', () => {
  it('stay put off when they were put off further meanwhile', async () => {
    const [row] = (await add('sms-receipts', { relayIn: 99 })) as [string];
    await test.db.query(`UPDATE outbox SET run_at = now() + interval '6 hours'`);
    await outbox().retryLater([row], 60);
    expect(await relayIn()).toEqual([about(6 * 3600 - 900)]);
  });

  it('keep their place in the queue, before all rows that came later', async () => {
    const added = await add('sms-normal', { relayIn: 99 }, { relayIn: 99 }, { relayIn: -20 });
    const [first, second, last] = added as [string, string, string];
    await test.db.query(`UPDATE outbox SET run_at = now() - interval '1 hour' WHERE id = ANY($1::bigint[])`, [
      [first, second],
    ]);
    await outbox().requeueFirst([first]);
    expect(ids(await outbox().claimDue(capacity('sms-normal', 1)))).toEqual([first]);
    expect(ids(await outbox().claimDue(capacity('sms-normal', 5)))).toEqual([last]);
  });
});

describe('finished work', () => {
  it('is removed, and a row that has moved on to another queue stays', async () => {
    const [done, other] = (await add('sms-receipts', {}, {})) as [string, string];
    const [moved] = (await add('sms-normal', {})) as [string];
    await outbox().remove('sms-receipts', [done, moved, '999999']);
    await outbox().remove('sms-receipts', []);
    expect((await rows()).map(({ id }) => id)).toEqual([other, moved]);
  });
});

describe('the lag', () => {
  it('counts due subjects by queue, and measures the age of the oldest row', async () => {
    await add('sms-normal', { runIn: -30, relayIn: 90 }, { runIn: -10 }, { runIn: 60 });
    await add('email-bulk', { runIn: 60 });
    const lag = await outbox().lag();
    expect(lag).toEqual([{ queue: 'sms-normal', due: 2, oldestSeconds: expect.any(Number) }]);
    expect(lag[0]?.oldestSeconds).toBeGreaterThanOrEqual(30);
    expect(lag[0]?.oldestSeconds).toBeLessThan(60);
  });
});

describe('jobs', () => {
  const row = (id: number, queue: OutboxQueue = 'sms-normal', dueIn = 0, size = 1): DueRow => ({
    id: String(id),
    queue,
    dueIn,
    size,
  });

  it('group rows of one queue that are due in the same second', () => {
    expect(groupIntoJobs([row(1), row(2, 'email-normal'), row(3), row(4, 'sms-normal', 30)])).toEqual([
      { queue: 'sms-normal', dueIn: 0, ids: ['1', '3'], size: 2 },
      { queue: 'email-normal', dueIn: 0, ids: ['2'], size: 1 },
      { queue: 'sms-normal', dueIn: 30, ids: ['4'], size: 1 },
    ]);
    expect(groupIntoJobs([])).toEqual([]);
  });

  it('hold no more subjects than one set of the queue, and never split a row', () => {
    const sizes = [120, 80, 1, 200, 30];
    const jobs = groupIntoJobs(sizes.map((size, i) => row(i, 'sms-normal', 0, size)));
    expect(jobs.map(({ ids, size }) => [ids, size])).toEqual([
      [['0', '1'], 200],
      [['2'], 1],
      [['3'], 200],
      [['4'], 30],
    ]);
  });

  it('hold as many rows as fit into one set of the queue', () => {
    const rows = Array.from({ length: 450 }, (_, i) => row(i));
    expect(groupIntoJobs(rows).map((set) => set.ids.length)).toEqual([200, 200, 50]);
    const emails = Array.from({ length: 80 }, (_, i) => row(i, 'email-bulk'));
    expect(groupIntoJobs(emails).map((set) => set.ids.length)).toEqual([50, 30]);
  });
});

const byId = (a: DueRow, b: DueRow) => Number(a.id) - Number(b.id);
