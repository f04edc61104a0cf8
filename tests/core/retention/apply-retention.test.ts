import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { resendAlerts } from '../../../core/alerts/resend-alerts';
import type { AlertState } from '../../../core/alerts/states';
import {
  type AttachmentRemover,
  type AttachmentStore,
  openAttachmentStore,
} from '../../../core/notices/attachment-store';
import { createSenderNoticeReader } from '../../../core/notices/sender-notice-view';
import { allowedActions, readActionableAlert } from '../../../core/operator-console/alert-actions';
import type { Database, Queryable } from '../../../core/platform/database';
import { createMetrics } from '../../../core/platform/metrics';
import { applyRetention, MAX_BATCHES_PER_RUN } from '../../../core/retention/apply-retention';
import { BATCH_FILES } from '../../../core/retention/purge-attachments';
import { BATCH_ROWS, type PERSONAL_DATA_PURGES } from '../../../core/retention/purge-personal-data';
import { createViews } from '../../../core/views/views';
import { type AlertDesk, createAlertDesk, mobiles, type TestAlert } from '../../support/alert-desk';
import { forceAlertState } from '../../support/alert-states';
import { useDatabase } from '../../support/database';
import { anAttachment, PDF } from '../../support/fixtures';
import { lockWaits } from '../../support/lock-waits';
import { type ServedNotice, serveNotice } from '../../support/served-notice';
import { until } from '../../support/until';
import { type Providers, startProviders } from '../../workers/providers';

const DAY = 24 * 3600;

const test = useDatabase();
let desk: AlertDesk;
let providers: Providers;
let folder: string;
let store: AttachmentStore & AttachmentRemover;
beforeAll(async () => {
  desk = await createAlertDesk(test.db);
  providers = await startProviders();
  folder = await mkdtemp(join(tmpdir(), 'ablagh-retention-'));
  store = await openAttachmentStore(undefined, folder);
});
afterAll(async () => {
  await providers.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the workers' task once, by default with retention periods of 30 days. @returns the counts in its metric, by kind */
async function purge(
  days = { KEEP_ATTACHMENTS_DAYS: 30, KEEP_PERSONAL_DATA_DAYS: 30 } as {
    KEEP_ATTACHMENTS_DAYS?: number;
    KEEP_PERSONAL_DATA_DAYS?: number;
  },
  db: Database = test.db,
): Promise<Record<string, number>> {
  const metrics = createMetrics();
  await applyRetention({
    db,
    attachments: store,
    days: { KEEP_ATTACHMENTS_DAYS: undefined, KEEP_PERSONAL_DATA_DAYS: undefined, ...days },
    log: providers.log,
    metrics,
  });
  const counter = await metrics.registry.getSingleMetric('ablagh_forgotten_total')?.get();
  return Object.fromEntries((counter?.values ?? []).map(({ labels, value }) => [labels.what, value]));
}

/** Watches the most rows that one statement touched: each statement returns the rows it touches or locks. */
function watchStatements() {
  let largest = 0;
  const watched = (on: Queryable): Queryable => ({
    async query(statement, values) {
      const rows = await on.query(statement, values);
      largest = Math.max(largest, rows.length);
      return rows;
    },
  });
  const db: Database = {
    ...test.db,
    ...watched(test.db),
    transaction: (work) => test.db.transaction((trx) => work(watched(trx))),
  };
  return { db, largest: () => largest };
}

/** Creates an alert that reached a state so many days ago. */
async function anAlert(state: AlertState, days: number): Promise<TestAlert> {
  const [alert] = (await desk.accept(mobiles(1))) as [TestAlert];
  await forceAlertState(test.db, [alert.alertId], state);
  if (state !== 'queued') await test.db.query('DELETE FROM outbox WHERE id = $1', [alert.outboxId]);
  await desk.age([alert], days * DAY);
  return alert;
}

const addressOf = async ({ alertId }: TestAlert): Promise<string | undefined> =>
  (await readActionableAlert(test.db, alertId))?.address;

/** Creates a notice with one stored file that was accepted so many days ago. */
async function anOldNotice(days: number): Promise<ServedNotice & { fileId: string }> {
  const served = await serveNotice(test.db, { attachments: [anAttachment()] });
  const fileId = uuidv7({ msecs: Date.now() - days * DAY * 1000 });
  await test.db.query('UPDATE attachments SET id = $2 WHERE notice_id = $1', [served.noticeId, fileId]);
  await test.db.query(`UPDATE notices SET registered_at = now() - make_interval(days => $2) WHERE id = $1`, [
    served.noticeId,
    days,
  ]);
  await forceAlertState(test.db, served, 'delivered');
  await store.put(fileId, PDF);
  return { ...served, fileId };
}

const bytesOf = (fileId: string) =>
  store.get(fileId).then(
    (bytes) => bytes.equals(PDF),
    () => 'gone',
  );

describe('without settings', () => {
  it('nothing is purged, however old', async () => {
    const alert = await anAlert('delivered', 4_000);
    const { fileId } = await anOldNotice(4_000);
    expect(await purge({})).toEqual({});
    expect(await addressOf(alert)).toMatch(/^\+98/);
    expect(await bytesOf(fileId)).toBe(true);
    await purge();
  });
});

describe('alerts', () => {
  it.each(['delivered', 'sent', 'failed', 'expired', 'cancelled', 'unknown'] as const)(
    'that are %s lose their address and text after the retention period, and nothing else',
    async (state) => {
      const old = await anAlert(state, 34);
      const young = await anAlert(state, 29);
      await test.db.query(`UPDATE alerts SET text = 'to somebody' WHERE id = $1`, [old.alertId]);
      const before = await test.db.query('SELECT * FROM alerts WHERE id = $1', [old.alertId]);
      expect(await purge()).toEqual({ alerts: 1 });
      expect(await test.db.query('SELECT * FROM alerts WHERE id = $1', [old.alertId])).toEqual([
        { ...before[0], address: '', text: '' },
      ]);
      expect(await addressOf(young)).not.toBe('');
      expect(await purge()).toEqual({});
    },
  );

  it('keep their address while a worker or a person may still touch them', async () => {
    const dead = await anAlert('failed', 400);
    await test.db.query(
      `INSERT INTO dead_alerts (alert_id, channel, state, cause) VALUES ($1, 'sms', 'failed', '411')`,
      [dead.alertId],
    );
    const asked = await anAlert('unknown', 400);
    await test.db.query(
      `INSERT INTO outbox (queue, subject_ids, run_at, relay_at) VALUES ('sms-normal', ARRAY[$1::bigint], now(), now())`,
      [asked.alertId],
    );
    const waiting = [await anAlert('queued', 400), await anAlert('sending', 400), dead, asked];
    expect(await purge()).toEqual({});
    for (const alert of waiting) expect(await addressOf(alert)).not.toBe('');
    await test.db.query('DELETE FROM dead_alerts');
    expect(await purge()).toEqual({ alerts: 1 });
    expect(await addressOf(dead)).toBe('');
  });

  it('without an address cannot be sent again', async () => {
    const alert = await anAlert('expired', 400);
    await purge();
    expect(await resendAlerts(test.db, [alert.alertId], 72)).toBe(0);
    const read = await readActionableAlert(test.db, alert.alertId);
    expect(read && allowedActions(read)).toEqual([]);
  });

  it('are masked by several processes at once, each once', async () => {
    const alerts = await desk.accept(mobiles(2 * BATCH_ROWS + 1, 100));
    await forceAlertState(
      test.db,
      alerts.map(({ alertId }) => alertId),
      'delivered',
    );
    await desk.age(alerts, 40 * DAY);
    const runs = await Promise.all([purge(), purge()]);
    expect(runs.reduce((sum, { alerts: count = 0 }) => sum + count, 0)).toBe(alerts.length);
    expect(await purge()).toEqual({});
  });
});

describe('attachments', () => {
  it('leave the store after the retention period, and their SHA-256 stays', async () => {
    const old = await anOldNotice(31);
    const young = await anOldNotice(29);
    expect(await purge()).toEqual({ attachments: 1 });
    expect(await bytesOf(old.fileId)).toBe('gone');
    expect(await bytesOf(young.fileId)).toBe(true);
    const report = await createSenderNoticeReader(test.db).read(old.noticeId, old.sourceId);
    expect(report?.attachments).toMatchObject([
      {
        fileName: 'form-1.pdf',
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        removedAt: expect.any(String),
      },
    ]);
    expect(await purge()).toEqual({});
  });

  it('that were removed cannot be opened, and no event records an opening', async () => {
    const { fileId, employerId, noticeId } = await anOldNotice(31);
    await purge();
    const opened = await createViews(test.db).openAttachment({
      attachmentId: fileId,
      employerId,
      actor: 'employer',
    });
    expect(opened).toBeNull();
    const events = await test.db.query(
      `SELECT FROM events WHERE notice_id = $1 AND type = 'attachment.opened'`,
      [noticeId],
    );
    expect(events).toEqual([]);
  });

  it('stay while an alert of their notice is waiting, or a permit for it is valid', async () => {
    const [pending, permitted] = [await anOldNotice(400), await anOldNotice(400)];
    await forceAlertState(test.db, pending, 'queued');
    await test.db.query(
      `INSERT INTO permits (notice_id, source_id, employer_id, duration, passcode_hash, passcode_cipher, expires_at)
       SELECT id, source_id, employer_id, 'week', 'hash', 'cipher', now() + interval '1 week' FROM notices WHERE id = $1`,
      [permitted.noticeId],
    );
    expect(await purge({ KEEP_ATTACHMENTS_DAYS: 30 })).toEqual({});
    await forceAlertState(test.db, pending, 'delivered');
    await test.db.query(`UPDATE permits SET expires_at = now() WHERE notice_id = $1`, [permitted.noticeId]);
    expect(await purge({ KEEP_ATTACHMENTS_DAYS: 30 })).toEqual({ attachments: 2 });
  });

  it('are marked by the next run when the process died after removing the bytes', async () => {
    const { fileId } = await anOldNotice(31);
    await store.remove(fileId);
    await store.remove(fileId);
    expect(await purge()).toEqual({ attachments: 1 });
  });

  it('stay unmarked when the store fails, and are removed by the next run', async () => {
    const { fileId } = await anOldNotice(31);
    const away = { ...store, remove: () => Promise.reject(new Error('away')) };
    const days = { KEEP_ATTACHMENTS_DAYS: 30, KEEP_PERSONAL_DATA_DAYS: undefined };
    const metrics = createMetrics();
    const run = applyRetention({ db: test.db, attachments: away, days, log: providers.log, metrics });
    await expect(run).rejects.toThrow('away');
    const marked = await test.db.query('SELECT FROM attachments WHERE id = $1 AND removed_at IS NULL', [
      fileId,
    ]);
    expect(marked).toHaveLength(1);
    expect(await purge()).toEqual({ attachments: 1 });
  });
});

it('callbacks, sessions, locks and the addresses of inquiries are purged after the retention period, and open ones stay', async () => {
  await test.db.query(`
    INSERT INTO sms_callbacks (provider_message_id, status, received_at, matched, dealt_with_at) VALUES
      ('1', 10, now() - interval '31 days', true, NULL), ('2', 10, now() - interval '31 days', false, now()),
      ('3', 10, now() - interval '31 days', false, NULL), ('4', 10, now() - interval '31 days', NULL, NULL),
      ('5', 10, now() - interval '29 days', true, NULL);
    INSERT INTO sessions (token_hash, employer_id, mobile, used_at)
      SELECT decode(md5(days::text), 'hex'), (SELECT min(id) FROM employers), '+989121234567', now() - make_interval(days => days)
        FROM unnest(ARRAY[29, 31, 400]) days;
    INSERT INTO operators (name, role, password_hash) VALUES ('gone', 'viewer', 'none');
    INSERT INTO operator_sessions (token_hash, operator_id, used_at)
      SELECT decode(md5(days::text), 'hex'), (SELECT min(id) FROM operators), now() - make_interval(days => days)
        FROM unnest(ARRAY[29, 31]) days;
    INSERT INTO inquiry_locks (subject, level, locked_until) VALUES
      ('address 192.0.2.1', 1, now() - interval '31 days'), ('address 192.0.2.2', 1, now() - interval '29 days');
    INSERT INTO inquiries (id, at, body_name, address, address_group, actor, outcome) VALUES
      (gen_random_uuid(), now() - interval '31 days', 'a body', '192.0.2.1', '192.0.2.1', 'panel', 'no_permit'),
      (gen_random_uuid(), now() - interval '29 days', 'a body', '192.0.2.2', '192.0.2.2', 'panel', 'no_permit')`);
  expect(await purge()).toEqual({
    callbacks: 2,
    sessions: 2,
    'operator-sessions': 1,
    'inquiry-locks': 1,
    inquiries: 1,
  });
  expect(await test.db.query('SELECT provider_message_id AS id FROM sms_callbacks ORDER BY id')).toEqual([
    { id: '3' },
    { id: '4' },
    { id: '5' },
  ]);
  expect(await test.db.query('SELECT body_name, address FROM inquiries ORDER BY at')).toEqual([
    { body_name: 'a body', address: '' },
    { body_name: 'a body', address: '192.0.2.2' },
  ]);
  expect(await purge()).toEqual({});
});

it('a session that is used at the same moment stays', async () => {
  await test.db.query(WRITE_OLD.sessions, [1]);
  const locked = await test.db.transaction(async (trx) => {
    await trx.query(`UPDATE sessions SET used_at = now() WHERE used_at < now() - interval '30 days'`);
    const run = purge();
    await until(() => lockWaits(test.db));
    return { run };
  });
  expect(await locked.run).toEqual({});
});

it('notices and events are not changed', async () => {
  const { noticeId } = await anOldNotice(400);
  const record = () =>
    Promise.all([
      test.db.query('SELECT * FROM notices WHERE id = $1', [noticeId]),
      test.db.query('SELECT * FROM events WHERE notice_id = $1', [noticeId]),
      test.db.query('SELECT sha256, size, file_name FROM attachments WHERE notice_id = $1', [noticeId]),
    ]);
  const before = await record();
  expect(await purge()).toMatchObject({ attachments: 1 });
  expect(await record()).toEqual(before);
});

/** SQL that writes `$1` rows of the same age, older than the retention period. */
const WRITE_OLD: Record<keyof typeof PERSONAL_DATA_PURGES, string> = {
  alerts: `
    INSERT INTO alerts (notice_id, source_id, channel, lane, address, state, expires_at)
    SELECT id, source_id, 'sms', 'normal', '+989121234567', 'delivered', now() - interval '31 days'
      FROM generate_series(1, $1), (SELECT id, source_id FROM notices LIMIT 1) notice`,
  inquiries: `
    INSERT INTO inquiries (id, at, body_name, address, address_group, actor, outcome)
    SELECT gen_random_uuid(), now() - interval '31 days', 'a body', '192.0.2.1', '192.0.2.1', 'panel', 'no_permit'
      FROM generate_series(1, $1)`,
  'inquiry-locks': `
    INSERT INTO inquiry_locks (subject, level, locked_until)
    SELECT 'address ' || gen_random_uuid(), 1, now() - interval '31 days' FROM generate_series(1, $1)`,
  sessions: `
    INSERT INTO sessions (token_hash, employer_id, mobile, used_at)
    SELECT uuid_send(gen_random_uuid()), (SELECT min(id) FROM employers), '+989121234567', now() - interval '31 days'
      FROM generate_series(1, $1)`,
  'operator-sessions': `
    WITH operator AS (INSERT INTO operators (name, role, password_hash) VALUES ('past', 'viewer', 'none') RETURNING id)
    INSERT INTO operator_sessions (token_hash, operator_id, used_at)
    SELECT uuid_send(gen_random_uuid()), id, now() - interval '31 days' FROM generate_series(1, $1), operator`,
  callbacks: `
    INSERT INTO sms_callbacks (provider_message_id, status, received_at, matched)
    SELECT gen_random_uuid(), 10, now() - interval '31 days', true FROM generate_series(1, $1)`,
};

/** Writes attachments of one notice whose bytes are gone already. */
async function writeOldAttachments(count: number): Promise<void> {
  const { noticeId } = await anOldNotice(31);
  await test.db.query(
    `INSERT INTO attachments (id, notice_id, position, file_name, content_type, size, sha256)
     SELECT id, $2, no + 1, 'form.pdf', 'application/pdf', 1, ''
       FROM unnest($1::uuid[]) WITH ORDINALITY AS f(id, no)`,
    [Array.from({ length: count - 1 }, () => uuidv7({ msecs: Date.now() - 31 * DAY * 1000 })), noticeId],
  );
}

const KINDS: [string, number, (count: number) => Promise<unknown>][] = [
  ['attachments', BATCH_FILES, writeOldAttachments],
  ...Object.entries(WRITE_OLD).map(([what, sql]): (typeof KINDS)[number] => [
    what,
    BATCH_ROWS,
    (count) => test.db.query(sql, [count]),
  ]),
];

it.each(KINDS)(
  '%s are purged in batches of %d rows, with a limited number of batches in a run',
  async (what, atOnce, write) => {
    await write(MAX_BATCHES_PER_RUN * atOnce + 1);
    const { db, largest } = watchStatements();
    expect(await purge(undefined, db)).toEqual({ [what]: MAX_BATCHES_PER_RUN * atOnce });
    expect(largest()).toBe(atOnce);
    expect(await purge()).toEqual({ [what]: 1 });
  },
);
