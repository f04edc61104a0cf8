import { randomUUID } from 'node:crypto';
import { createLines } from '../../../../core/channels/lines';
import { measureDatabase } from '../../../../core/monitoring/measure/measure-database';
import { createMeasurements } from '../../../../core/monitoring/measure/measurements';
import { observe } from '../../../../core/monitoring/measure/observe';
import { createProcesses } from '../../../../core/monitoring/processes';
import { createPermits } from '../../../../core/permits/permits';
import { Unavailable } from '../../../../core/platform/errors';
import { createLog } from '../../../../core/platform/log';
import type { QueueBackend } from '../../../../core/platform/queue-backend';
import { QUEUE_NAMES, WORK_JOB } from '../../../../core/platform/queues';
import { type AlertDesk, createAlertDesk, mobiles, type TestAlert } from '../../../support/alert-desk';
import { describeOnBackends } from '../../../support/backends';
import { useDatabase } from '../../../support/database';
import { serveNotice } from '../../../support/served-notice';
import { textOf, valuesOf } from '../../../support/statement-text';
import { until } from '../../../support/until';
import { clearMonitoring } from '../monitoring-scene';

const test = useDatabase();
let desk: AlertDesk;
const logged: Record<string, unknown>[] = [];
const log = createLog('test', 'info', { write: (line: string) => void logged.push(JSON.parse(line)) });

beforeEach(async () => {
  logged.length = 0;
  await clearMonitoring(test.db);
  desk = await createAlertDesk(test.db);
});

/** Leaves alerts in doubt for that many seconds, as after a send without a readable answer. */
async function leaveInDoubt(alerts: TestAlert[], seconds: number): Promise<void> {
  const ids = alerts.map(({ alertId }) => alertId);
  await test.db.query(
    `WITH alert AS (
       UPDATE alerts SET state = 'unknown', attempt_id = nextval('attempt_ids') WHERE id = ANY($1::bigint[]) RETURNING *)
     INSERT INTO attempts (id, alert_id, provider, at, outcome)
     SELECT attempt_id, id, 'kavenegar', now() - make_interval(secs => $2), 'unknown' FROM alert`,
    [ids, seconds],
  );
}

describe('the database', () => {
  it('is measured: due work, connections, permits that end soon and overdue ones', async () => {
    await desk.accept(mobiles(3), { lane: 'bulk', together: true });
    const permits = createPermits(test.db, 'a secret of more than thirty-two bytes');
    const ends = ['1 hour', '25 hours', '-1 minute', '-6 minutes'];
    for (const end of ends) {
      const notice = await serveNotice(test.db);
      await permits.issue({ ...notice, duration: 'year' });
      await test.db.query('UPDATE permits SET expires_at = now() + $2::interval WHERE notice_id = $1', [
        notice.noticeId,
        end,
      ]);
    }
    const measured = await measureDatabase(test.db);
    expect(measured.outbox.find(({ queue }) => queue === 'sms-bulk')).toMatchObject({ due: 3 });
    expect(measured.permits).toEqual({ endingWithinDay: 1, overdue: 1 });
    expect(measured.postgres.connections).toBeGreaterThanOrEqual(1);
    expect(measured.postgres.maxConnections).toBeGreaterThan(measured.postgres.connections);
  });

  it('gives the counts of the rare event types of the last hour, without the frequent types', async () => {
    await test.db.query(
      `INSERT INTO events (source_id, type, actor, data, at)
       SELECT $1, type, 'system', '{}', now() - ago FROM (VALUES
         ('notice.viewed', interval '1 minute'), ('notice.viewed', interval '59 minutes'),
         ('notice.viewed', interval '61 minutes'), ('permit.issued', interval '0'),
         ('alert.sent', interval '0'), ('notice.accepted', interval '0')) e(type, ago)`,
      [desk.source.id],
    );
    const { events } = await measureDatabase(test.db);
    expect(events.toSorted((a, b) => b.count - a.count)).toEqual([
      { type: 'notice.viewed', count: 2 },
      { type: 'permit.issued', count: 1 },
    ]);
  });

  it('is read by an index that holds only the counted events', async () => {
    await test.db.query(
      `INSERT INTO events (source_id, type, actor, data)
       SELECT $1, CASE WHEN n % 1000 = 0 THEN 'notice.viewed' ELSE 'alert.sent' END, 'system', '{}'
         FROM generate_series(1, 20000) n`,
      [desk.source.id],
    );
    await test.db.query('VACUUM ANALYZE events');
    let plannedSql = '';
    await measureDatabase({
      async query(statement, values) {
        if (textOf(statement).startsWith('/* count-rare-events */')) plannedSql = textOf(statement);
        return test.db.query(statement, values);
      },
    });
    const plan = JSON.stringify(await test.db.query(`EXPLAIN ${plannedSql}`));
    expect(plan).toContain('events_rare');
    expect(plan).not.toContain('Seq Scan');
  });

  it('is not searched for work far ahead, such as permits that end in a year', async () => {
    await desk.accept(mobiles(3), { lane: 'bulk', together: true });
    await test.db.query(
      `INSERT INTO outbox (queue, subject_ids, run_at, relay_at)
       SELECT 'permits', ARRAY[n], now() + interval '200 days', now() + interval '199 days'
         FROM generate_series(1, 20000) n`,
    );
    await test.db.query('VACUUM ANALYZE outbox');
    let plan = '';
    await measureDatabase({
      async query(statement, values) {
        if (textOf(statement).startsWith('/* measure-work-lag */')) {
          const explain = `EXPLAIN (ANALYZE, TIMING off) ${textOf(statement)}`;
          plan = JSON.stringify(await test.db.query(explain, valuesOf(statement, values)));
        }
        return test.db.query(statement, values);
      },
    });
    expect(plan).toContain('outbox_relay');
    expect(plan).not.toContain('Rows Removed by Filter');
  });

  it('gives the age of the oldest alert in doubt, without attempts that a later one settled', async () => {
    const [old, young, settled] = (await desk.accept(mobiles(3))) as [TestAlert, TestAlert, TestAlert];
    expect((await measureDatabase(test.db)).unknown).toEqual({ oldestSeconds: null });
    await leaveInDoubt([settled], 9000);
    await leaveInDoubt([old], 5000);
    await leaveInDoubt([young], 100);
    await test.db.query(`UPDATE alerts SET attempt_id = nextval('attempt_ids') WHERE id = $1`, [
      settled.alertId,
    ]);
    const { unknown } = await measureDatabase(test.db);
    expect(unknown.oldestSeconds).toBeGreaterThanOrEqual(5000);
    expect(unknown.oldestSeconds).toBeLessThan(5100);
  });

  it('gives the count of dead alerts; one of unknown outcome counts for the oldest doubt too', async () => {
    const alerts = await desk.accept(mobiles(2));
    await test.db.query(
      `INSERT INTO dead_alerts (alert_id, channel, state, cause, at)
       SELECT id, 'sms', CASE WHEN n = 1 THEN 'unknown' ELSE 'failed' END, '100', now() - n * interval '1 hour'
         FROM unnest($1::bigint[]) WITH ORDINALITY a(id, n)`,
      [alerts.map(({ alertId }) => alertId)],
    );
    const { deadLetters, unknown } = await measureDatabase(test.db);
    expect(deadLetters).toEqual({ count: 2 });
    expect(unknown.oldestSeconds).toBeGreaterThanOrEqual(3600);
    expect(unknown.oldestSeconds).toBeLessThan(3700);
  });
});

describeOnBackends('the observer on $name', ({ name, open }) => {
  let backend: QueueBackend;
  const runRound = (given: Partial<QueueBackend> = {}, queuesToo = true) =>
    observe({ db: test.db, backend: { ...backend, ...given }, log, lowCreditRials: 1_000 }, queuesToo);
  const findings = () => test.db.query<{ rule: string }>('SELECT rule, subject FROM findings ORDER BY rule');

  beforeAll(async () => {
    backend = open(test.db);
    await backend.warmUp(QUEUE_NAMES);
    await until(() => backend.queue('views').getJobCounts(), { what: 'the queue is connected' });
  });
  beforeEach(() => backend.queue('views').drain(true));
  afterAll(() => backend.close());

  it('stores its measurements', async () => {
    await backend.queue('views').add(WORK_JOB, { ids: ['1'] });
    await backend.queue('views').add(WORK_JOB, { ids: ['2'] }, { delay: 60_000 });
    await runRound();
    const { measured, ageSeconds } = await createMeasurements(test.db).read();
    expect(ageSeconds).toBeLessThan(10);
    expect(Object.keys(measured.jobs ?? {}).toSorted()).toEqual(QUEUE_NAMES.toSorted());
    expect(measured.jobs).toMatchObject({ views: 2, permits: 0 });
    if (name === 'postgres') expect(measured.redis).toBeNull();
    else expect(measured.redis).toMatchObject({ away: false, usedBytes: expect.any(Number) });
  });

  it('keeps the last job counts when the jobs are not counted again', async () => {
    await runRound();
    const counted = async () => (await createMeasurements(test.db).read()).measured.jobs?.views;
    const before = (await counted()) as number;
    await backend.queue('views').add(WORK_JOB, { ids: ['3'] });
    await runRound({}, false);
    expect(await counted()).toBe(before);
    await runRound();
    expect(await counted()).toBe(before + 1);
  });

  it('reports how long it kept PostgreSQL busy, and how long with counting the jobs stored there', async () => {
    const began = performance.now();
    const { databaseMs, queuesMs } = await runRound();
    expect(databaseMs).toBeGreaterThan(0);
    expect(databaseMs + queuesMs).toBeLessThanOrEqual(performance.now() - began);
    expect(queuesMs > 0).toBe(name === 'postgres');
  });

  it('logs a finding once, as an error, and once more when it is resolved', async () => {
    const [alert] = (await desk.accept(mobiles(1))) as [TestAlert];
    await leaveInDoubt([alert], 4000);
    await runRound();
    await runRound();
    expect(await findings()).toEqual([{ rule: 'unknown-age', subject: 'alerts' }]);
    await test.db.query(`UPDATE alerts SET state = 'sent' WHERE id = $1`, [alert.alertId]);
    await runRound();
    expect(await findings()).toEqual([]);
    expect(logged.map(({ level, rule, msg }) => ({ level, rule, msg }))).toEqual([
      { level: 50, rule: 'unknown-age', msg: 'trouble' },
      { level: 30, rule: 'unknown-age', msg: 'trouble is over' },
    ]);
  });

  it('finds a closed line and a dead process', async () => {
    await createLines(test.db).disable('kavenegar', 'closed', '403', 'the API key is not valid');
    await createProcesses(test.db).beat({ id: randomUUID(), kind: 'api', host: 'here', pid: 7, data: {} });
    await test.db.query(`UPDATE processes SET beat_at = now() - interval '31 seconds'`);
    await runRound();
    expect(await findings()).toEqual([
      { rule: 'line-closed', subject: 'kavenegar' },
      { rule: 'process-died', subject: 'api here 7' },
    ]);
  });

  it('finds a Redis that is away, and keeps its last memory figures', async () => {
    await runRound({ kind: 'redis', memory: async () => ({ usedBytes: 5, maxBytes: 10 }) });
    await runRound({ kind: 'redis', memory: () => Promise.reject(new Unavailable('redis')) });
    const { measured } = await createMeasurements(test.db).read();
    expect(measured.redis).toEqual({ away: true, usedBytes: 5, maxBytes: 10 });
    expect(measured.jobs).toBeNull();
    expect(await findings()).toEqual([{ rule: 'redis-away', subject: 'redis' }]);
    await runRound();
    expect(await findings()).toEqual([]);
  });
});
