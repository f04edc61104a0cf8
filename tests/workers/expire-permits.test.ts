import { createPermits } from '../../core/permits/permits';
import { createLog } from '../../core/platform/log';
import { expirePermits, sweepPermits } from '../../workers/expire-permits';
import { startRelay } from '../../workers/relay';
import { startWorker } from '../../workers/start-worker';
import { describeOnBackends } from '../support/backends';
import { createTestDatabase, type TestDatabase, useDatabase } from '../support/database';
import { eventsOf, serveNotice, workFor } from '../support/served-notice';
import { until } from '../support/until';

const SECRET_KEY = 'a secret of more than thirty-two bytes';

interface Issued {
  noticeId: string;
  employerId: string;
  permitId: string;
}

async function issueOn(db: TestDatabase['db']): Promise<Issued> {
  const { noticeId, employerId } = await serveNotice(db);
  const issued = await createPermits(db, SECRET_KEY).issue({ noticeId, employerId, duration: 'day' });
  return { noticeId, employerId, permitId: issued?.permitId as string };
}

/** Moves the end of a permit, and of the work for it, to so many seconds from now. */
async function endIn(db: TestDatabase['db'], { permitId }: Issued, seconds: number): Promise<void> {
  await db.query(`UPDATE permits SET expires_at = now() + make_interval(secs => $2) WHERE id = $1`, [
    permitId,
    seconds,
  ]);
  await db.query(
    `UPDATE outbox o SET run_at = p.expires_at, relay_at = p.expires_at - interval '15 minutes'
       FROM permits p WHERE o.queue = 'permits' AND o.subject_ids[1] = p.id AND p.id = $1`,
    [permitId],
  );
}

const stateOf = async (db: TestDatabase['db'], permitId: string) => {
  const [permit] = await db.query<{ state: string }>('SELECT state FROM permits WHERE id = $1', [permitId]);
  return permit?.state;
};

describe('the expiry of permits', () => {
  const test = useDatabase({ max: 20 });
  const issue = () => issueOn(test.db);
  const work = (...permits: Issued[]) =>
    workFor(
      test.db,
      'permits',
      permits.map(({ permitId }) => permitId),
    );

  it('expires a set with one event each, and leaves no work', async () => {
    const permits = [await issue(), await issue(), await issue()];
    for (const permit of permits) await endIn(test.db, permit, -1);
    await expirePermits(test.db, await work(...permits));
    for (const { permitId, noticeId } of permits) {
      const [row] = await test.db.query<{ expiresAt: Date }>(
        `SELECT expires_at AS "expiresAt" FROM permits
          WHERE id = $1 AND state = 'expired' AND passcode_cipher IS NULL AND ended_at = expires_at`,
        [permitId],
      );
      expect((await eventsOf(test.db, noticeId)).at(-1)).toMatchObject({
        type: 'permit.expired',
        actor: 'system',
        data: { permitId, expiresAt: row?.expiresAt.toISOString() },
      });
    }
    expect(await work(...permits)).toEqual([]);
  });

  it('writes the data of the event as canonical JSON', async () => {
    const permit = await issue();
    await endIn(test.db, permit, -1);
    await expirePermits(test.db, await work(permit));
    const [event] = await test.db.query<{ text: string; data: object }>(
      `SELECT data::text AS text, data FROM events WHERE notice_id = $1 AND type = 'permit.expired'`,
      [permit.noticeId],
    );
    expect(event?.text).toBe(JSON.stringify(event?.data, Object.keys(event?.data ?? {}).sort()));
  });

  it('has one effect when it runs twice, or twice at once', async () => {
    const permit = await issue();
    await endIn(test.db, permit, -1);
    const ids = await work(permit);
    await Promise.all([expirePermits(test.db, ids), expirePermits(test.db, ids), sweepPermits(test.db)]);
    await expirePermits(test.db, ids);
    expect(await eventsOf(test.db, permit.noticeId)).toHaveLength(2);
    expect(await stateOf(test.db, permit.permitId)).toBe('expired');
  });

  it('leaves a permit alone before its time, and comes again when it is due', async () => {
    const permit = await issue();
    await endIn(test.db, permit, 60);
    const ids = await work(permit);
    await expirePermits(test.db, ids);
    expect(await stateOf(test.db, permit.permitId)).toBe('active');
    const [row] = await test.db.query('SELECT relay_at = run_at AS waits FROM outbox WHERE id = $1', [
      ids[0],
    ]);
    expect(row).toEqual({ waits: true });
  });

  it('comes again in a moment for a permit that an inquiry has locked', async () => {
    const permit = await issue();
    await endIn(test.db, permit, -1);
    const ids = await work(permit);
    // As the relay leaves it when it publishes.
    await test.db.query(`UPDATE outbox SET relay_at = now() + interval '2 minutes' WHERE id = $1`, [ids[0]]);
    await test.db.transaction(async (inquiry) => {
      await inquiry.query('SELECT FROM permits WHERE id = $1 FOR NO KEY UPDATE', [permit.permitId]);
      await expirePermits(test.db, ids);
    });
    expect(await stateOf(test.db, permit.permitId)).toBe('active');
    const [row] = await test.db.query(
      `SELECT relay_at < now() + interval '5 seconds' AS soon FROM outbox WHERE id = $1`,
      [ids[0]],
    );
    expect(row).toEqual({ soon: true });
    await expirePermits(test.db, ids);
    expect(await stateOf(test.db, permit.permitId)).toBe('expired');
  });

  it('removes the work of a permit that was revoked', async () => {
    const permit = await issue();
    const ids = await work(permit);
    await test.db.query(`UPDATE permits SET state = 'revoked', passcode_cipher = NULL WHERE id = $1`, [
      permit.permitId,
    ]);
    await expirePermits(test.db, ids);
    expect(await work(permit)).toEqual([]);
    expect(await stateOf(test.db, permit.permitId)).toBe('revoked');
  });

  it('is done by the sweep when the work was lost', async () => {
    const [lost, recent] = [await issue(), await issue()];
    await endIn(test.db, lost, -600);
    await endIn(test.db, recent, -1);
    await test.db.query(`DELETE FROM outbox WHERE queue = 'permits'`);
    await sweepPermits(test.db);
    expect(await stateOf(test.db, lost.permitId)).toBe('expired');
    expect(await stateOf(test.db, recent.permitId)).toBe('active');
    expect((await eventsOf(test.db, lost.noticeId)).at(-1)).toMatchObject({ type: 'permit.expired' });
  });
});

describeOnBackends('permits on $name', ({ open }) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase({ max: 20 });
  });
  afterAll(() => test.drop());

  it('expire by a delayed job', async () => {
    const log = createLog('test', 'silent');
    const backend = open(test.db);
    const relay = startRelay({ db: test.db, backend, log });
    const worker = startWorker({ backend, db: test.db, log }, 'permits', (ids) =>
      expirePermits(test.db, ids),
    );
    try {
      const permit = await issueOn(test.db);
      await endIn(test.db, permit, 1.5);
      await until(async () => (await stateOf(test.db, permit.permitId)) === 'expired');
      expect(await workFor(test.db, 'permits', [permit.permitId])).toEqual([]);
    } finally {
      await relay.close();
      await worker.close();
      await backend.close();
    }
  });
});
