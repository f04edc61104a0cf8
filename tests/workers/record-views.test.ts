import { createLog } from '../../core/platform/log';
import { createViews } from '../../core/views/views';
import { recordViews } from '../../workers/record-views';
import { startRelay } from '../../workers/relay';
import { startWorker } from '../../workers/start-worker';
import { describeOnBackends } from '../support/backends';
import { createTestDatabase, type TestDatabase, useDatabase } from '../support/database';
import { serveNotice } from '../support/served-notice';
import { until } from '../support/until';

describe('the record of views', () => {
  const test = useDatabase();

  const firstViewOf = async (noticeId: string) => {
    const [notice] = await test.db.query<{ at: Date | null }>(
      'SELECT first_viewed_at AS at FROM notices WHERE id = $1',
      [noticeId],
    );
    return notice?.at ?? null;
  };
  /** Writes views at given instants, the work of each in a set of its own. */
  const viewedAt = async (noticeId: string, ...instants: string[]): Promise<string[]> => {
    const rows = await test.db.query<{ id: string }>(
      `WITH viewed AS (
         INSERT INTO views (notice_id, actor, at) SELECT $1, 'employer', at FROM unnest($2::timestamptz[]) at RETURNING id)
       INSERT INTO outbox (queue, subject_ids, run_at, relay_at) SELECT 'views', ARRAY[id], now(), now() FROM viewed
       RETURNING id`,
      [noticeId, instants],
    );
    return rows.map(({ id }) => id);
  };
  const workLeft = (ids: string[]) =>
    test.db.query('SELECT 1 FROM outbox WHERE id = ANY($1::bigint[])', [ids]);

  it('holds the time of the request, not of the work', async () => {
    const { noticeId, employerId } = await serveNotice(test.db);
    await createViews(test.db).open({ noticeId, employerId, actor: 'employer' });
    const [view] = await test.db.query<{ at: Date; work: string }>(
      `SELECT v.at, o.id AS work FROM views v JOIN outbox o ON o.queue = 'views' AND o.subject_ids[1] = v.id
        WHERE v.notice_id = $1`,
      [noticeId],
    );
    await recordViews(test.db, [view?.work as string]);
    expect(await firstViewOf(noticeId)).toEqual(view?.at);
    expect(await workLeft([view?.work as string])).toEqual([]);
  });

  it.each([
    ['in their order', [0, 1, 2]],
    ['backwards', [2, 1, 0]],
    ['mixed', [1, 2, 0]],
  ])('holds the first of several views that come %s, each in a set of its own', async (_, order) => {
    const { noticeId } = await serveNotice(test.db);
    const instants = ['2026-01-01T08:00:00Z', '2026-01-02T08:00:00Z', '2026-01-03T08:00:00Z'];
    const ids = await viewedAt(noticeId, ...instants);
    for (const i of order) await recordViews(test.db, [ids[i] as string]);
    expect(await firstViewOf(noticeId)).toEqual(new Date('2026-01-01T08:00:00Z'));
    expect(await workLeft(ids)).toEqual([]);
  });

  it('holds the first of several views in one set, and does not change the second time', async () => {
    const [one, two] = [await serveNotice(test.db), await serveNotice(test.db)];
    const ids = [
      ...(await viewedAt(one.noticeId, '2026-02-02T08:00:00Z', '2026-02-01T08:00:00Z')),
      ...(await viewedAt(two.noticeId, '2026-03-01T08:00:00Z')),
    ];
    await recordViews(test.db, ids);
    await recordViews(test.db, ids);
    expect(await firstViewOf(one.noticeId)).toEqual(new Date('2026-02-01T08:00:00Z'));
    expect(await firstViewOf(two.noticeId)).toEqual(new Date('2026-03-01T08:00:00Z'));
  });

  it('is not changed by a later view', async () => {
    const { noticeId } = await serveNotice(test.db);
    await recordViews(test.db, await viewedAt(noticeId, '2026-01-01T08:00:00Z'));
    await recordViews(test.db, await viewedAt(noticeId, '2026-01-09T08:00:00Z'));
    expect(await firstViewOf(noticeId)).toEqual(new Date('2026-01-01T08:00:00Z'));
  });

  it('leaves the work of other queues alone', async () => {
    const { noticeId } = await serveNotice(test.db);
    const [view] = await test.db.query<{ id: string }>(
      `INSERT INTO views (notice_id, actor) VALUES ($1, 'employer') RETURNING id`,
      [noticeId],
    );
    const [other] = await test.db.query<{ id: string }>(
      `INSERT INTO outbox (queue, subject_ids, run_at, relay_at) VALUES ('permits', ARRAY[$1::bigint], now(), now()) RETURNING id`,
      [view?.id],
    );
    await recordViews(test.db, [other?.id as string]);
    expect(await firstViewOf(noticeId)).toBeNull();
    expect(await workLeft([other?.id as string])).toHaveLength(1);
  });
});

describeOnBackends('views on $name', ({ open }) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase({ max: 20 });
  });
  afterAll(() => test.drop());

  it('are recorded by a worker soon after a notice was opened', async () => {
    const log = createLog('test', 'silent');
    const backend = open(test.db);
    const relay = startRelay({ db: test.db, backend, log });
    const worker = startWorker({ backend, db: test.db, log }, 'views', (ids) => recordViews(test.db, ids));
    try {
      const { noticeId, employerId } = await serveNotice(test.db);
      await createViews(test.db).open({ noticeId, employerId, actor: 'employer' });
      await until(async () => {
        const [notice] = await test.db.query<{ at: Date | null }>(
          'SELECT first_viewed_at AS at FROM notices WHERE id = $1',
          [noticeId],
        );
        return notice?.at;
      });
      await until(
        async () => (await test.db.query(`SELECT 1 FROM outbox WHERE queue = 'views'`)).length === 0,
      );
    } finally {
      await relay.close();
      await worker.close();
      await backend.close();
    }
  });
});
