import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../../cli/run-command';
import { createEvents } from '../../../core/events/events';
import { loadConfig, WORKERS_REQUIRED_SETTINGS } from '../../../core/platform/config';
import { createDatabase, type Database } from '../../../core/platform/database';
import type { Closable } from '../../../core/platform/shutdown';
import { isRestored } from '../../../core/restore/resume-after-restore';
import { migrate } from '../../../migrations/migrate';
import { startWorkers } from '../../../workers/start-workers';
import { type AlertDesk, createAlertDesk, type TestAlert } from '../../support/alert-desk';
import { type ArchivedPostgres, startArchivedPostgres } from '../../support/point-in-time';
import { postgresBuilds } from '../../support/postgres-builds';
import { until } from '../../support/until';
import { type Providers, startProviders } from '../../workers/providers';
import { emptyRedis } from '../../workers/workers-process';

jest.setTimeout(150_000);

describe.each(postgresBuilds)('$name', (build) => {
  let postgres: ArchivedPostgres;
  let providers: Providers;
  let folder: string;
  let db: Database;
  let desk: AlertDesk;
  let workers: Closable[] = [];

  /** Alerts accepted and sent before the moment of the restore, waiting at that moment, and accepted after it. */
  let settled: TestAlert[];
  let waiting: TestAlert[];
  let lost: TestAlert[];
  let moment: Date;
  let lostCursor: string;
  let sourceId: number;
  let lostSequence: string;

  beforeAll(async () => {
    postgres = await startArchivedPostgres(build);
    providers = await startProviders();
    folder = await mkdtemp(join(tmpdir(), 'ablagh-restore-'));
    await migrate(postgres.url);
    db = createDatabase(postgres.url);
    desk = await createAlertDesk(db);

    sourceId = desk.source.id;
    settled = await desk.accept(['09120000001', 'settled@example.org']);
    await startWork();
    await reach(settled, 'sent');
    await stopWork();
    await postgres.backUp();
    waiting = await desk.accept(['09120000002', '09120000003', 'waiting@example.org']);
    moment = await postgres.moment();

    await startWork();
    await reach(waiting, 'sent');
    lost = await desk.accept(['09120000004']);
    await reach(lost, 'sent');
    await until(async () => {
      lostCursor = (await createEvents(db).feed(desk.source.id, null, 1000)).next;
      const { events } = await createEvents(db).feed(desk.source.id, null, 1000);
      return events.filter(({ type }) => type === 'alert.sent').length === 6;
    });
    await stopWork();
    [{ last: lostSequence }] = (await db.query('SELECT last_value AS last FROM attempt_ids')) as [
      { last: string },
    ];
    await postgres.moment();
  });
  afterAll(async () => {
    await stopWork();
    await db?.close();
    await postgres?.close();
    await providers?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function startWork(redisUrl?: string): Promise<void> {
    const config = loadConfig(
      {
        ...providers.workersEnv(postgres.url, folder),
        ...(redisUrl && { REDIS_URL: redisUrl }),
      },
      WORKERS_REQUIRED_SETTINGS,
    );
    workers = await startWorkers(config, providers.log);
  }

  async function stopWork(): Promise<void> {
    for (const closable of workers.splice(0)) await closable.close();
  }

  const reach = (alerts: TestAlert[], state: string) =>
    until(async () => (await desk.states(alerts)).every((one) => one === state || one === 'delivered'), {
      timeout: 20_000,
    });

  async function restoreTo(point: Date | 'the end'): Promise<void> {
    await db.close();
    db = createDatabase(await postgres.restoreTo(point));
    desk = await createAlertDesk(db);
  }

  async function ablagh(...args: string[]) {
    let out = '';
    let err = '';
    const env = providers.workersEnv(postgres.url, folder);
    const exitCode = await runCommand([...args, '--json'], {
      env,
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    });
    return { exitCode, err, data: out && JSON.parse(out) };
  }

  const smsTo = (mobile: string) =>
    providers.kavenegar.messages().filter(({ receptor }) => receptor === mobile).length;
  const mailsTo = (address: string) =>
    providers.smtp.messages().filter(({ to }) => JSON.stringify(to).includes(address)).length;
  const sentSoFar = () => ({
    sms: ['09120000001', '09120000002', '09120000003', '09120000004'].map(smsTo),
    mails: ['settled@example.org', 'waiting@example.org'].map(mailsTo),
  });
  const ONCE_EACH = { sms: [1, 1, 1, 1], mails: [1, 1] };

  describe('a database that was restored to an earlier moment', () => {
    beforeAll(() => restoreTo(moment));

    it('has the rows of that moment, and is recognised as restored', async () => {
      expect(await desk.states(waiting)).toEqual(['queued', 'queued', 'queued']);
      expect(await db.query('SELECT FROM notices WHERE id = $1', [lost[0]?.noticeId])).toEqual([]);
      expect(await isRestored(db)).toBe(true);
    });

    it('sends nothing until an operator confirms the restore', async () => {
      const before = await desk.accept(['09120000005']);
      await startWork();
      await until(async () =>
        (await db.query<{ rule: string }>('SELECT rule FROM findings')).some(
          ({ rule }) => rule === 'database-restored',
        ),
      );
      const passes = await db.query(`SELECT FROM outbox WHERE queue ~ '^(sms|email)-(urgent|normal|bulk)$'`);
      expect(passes).toHaveLength(4);
      expect(await desk.states([...waiting, ...before])).toEqual(Array(4).fill('queued'));
      expect(sentSoFar()).toEqual(ONCE_EACH);
      expect(smsTo('09120000005')).toBe(0);
      await stopWork();
    });

    it('sends after the confirmation only alerts that cannot have been sent, and leaves the others to a person', async () => {
      const { exitCode, data } = await ablagh('restored', moment.toISOString());
      expect([exitCode, data]).toEqual([0, expect.objectContaining({ held: 3, asked: 0 })]);
      expect(await isRestored(db)).toBe(false);
      expect(await desk.states(waiting)).toEqual(['unknown', 'unknown', 'unknown']);
      expect(await db.query('SELECT cause FROM dead_alerts')).toEqual(Array(3).fill({ cause: 'restored' }));

      await startWork();
      const after = await desk.accept(['09120000006', 'after@example.org']);
      await reach(after, 'sent');
      await until(() => smsTo('09120000005') === 1);
      expect(sentSoFar()).toEqual(ONCE_EACH);
      expect([smsTo('09120000006'), mailsTo('after@example.org')]).toEqual([1, 1]);
      await stopWork();
    });

    it('draws no number again that was drawn in the lost time', async () => {
      const attempts = await db.query<{ id: string }>(
        `SELECT t.id FROM attempts t JOIN alerts a ON a.id = t.alert_id WHERE a.address = '+989120000006'`,
      );
      expect(Number(attempts[0]?.id)).toBeGreaterThan(Number(lostSequence));
      expect(Number(attempts[0]?.id)).toBeLessThan(Number.MAX_SAFE_INTEGER);
    });

    it('gives every later event to a source system whose cursor is of the lost time', async () => {
      const { events, next } = await until(async () => {
        const page = await createEvents(db).feed(sourceId, lostCursor, 1000);
        return page.events.some(({ type }) => type === 'alert.unknown') && page;
      });
      expect(events.map(({ type }) => type)).toContain('alert.unknown');
      expect(next).toMatch(/^\d+-\d+-1$/);
      expect((await createEvents(db).feed(sourceId, next, 1000)).events).toEqual([]);
    });
  });

  describe('a database that was restored to the end of its WAL', () => {
    beforeAll(() => restoreTo('the end'));

    it('goes on with empty queues after an operator confirms that nothing is lost, and sends nothing twice', async () => {
      expect(await isRestored(db)).toBe(true);
      const after = await desk.accept(['09120000007']);
      const { data } = await ablagh('restored', 'complete');
      expect(data).toMatchObject({ held: 0, asked: 0, lostAfter: null });
      await startWork(await emptyRedis(7));
      await reach(after, 'sent');
      expect(smsTo('09120000007')).toBe(1);
      expect(sentSoFar()).toEqual(ONCE_EACH);
      expect(await desk.states(waiting)).not.toContain('unknown');
      expect((await createEvents(db).feed(desk.source.id, null, 1000)).next).toMatch(/^\d+-\d+$/);
    });
  });

  it.each([
    ['neither word nor time', 'yesterday', 'is neither "complete" nor a moment'],
    ['a time without a zone', '2026-11-25T20:00:00', 'is neither "complete" nor a moment'],
    ['a time to come', '2999-01-01T00:00:00Z', 'is yet to come'],
  ])('the command takes no %s', async (_, given, message) => {
    const { exitCode, err } = await ablagh('restored', given);
    expect(exitCode).toBe(1);
    expect(err).toContain(message);
  });
});
