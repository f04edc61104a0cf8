import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileTypeFromBuffer } from 'file-type';
import { createInbox } from '../../../core/inbox/inbox';
import { createFindings } from '../../../core/monitoring/findings';
import { measureDatabase } from '../../../core/monitoring/measure/measure-database';
import { runWatchdogs } from '../../../core/monitoring/watchdogs';
import { acceptNotices } from '../../../core/notices/accept-notices';
import type { AttachmentStore } from '../../../core/notices/attachment-store';
import { createSenderNoticeReader, senderNoticeViewSchema } from '../../../core/notices/sender-notice-view';
import { createPermits } from '../../../core/permits/permits';
import type { Database } from '../../../core/platform/database';
import { createSourceSystems } from '../../../core/sources/source-systems';
import { isNationalId, isTrackingNumber } from '../../../core/text/identifiers';
import { DEMO_EMPLOYERS } from '../../../embedded/demo/employers';
import { generateHistory } from '../../../embedded/demo/generate-history';
import { issueDemoPermit } from '../../../embedded/demo/issue-demo-permit';
import { seedDemoData } from '../../../embedded/demo/seed-demo-data';
import { ensureDemoApiKey } from '../../../embedded/demo/sources';
import { createTestDatabase, type TestDatabase, useDatabase } from '../../support/database';
import { employerIdOf } from '../../support/inbox';

const NOW = new Date('2026-03-10T09:30:00Z');
const LEGACY_ENDS = '2019-06-21T19:30:00Z';
const SECRET_KEY = 'a secret of more than thirty-two bytes';

const kept = new Map<string, Buffer>();
const files: AttachmentStore = {
  put: async (id, bytes) => {
    kept.set(id, bytes);
  },
  get: async (id) => kept.get(id) as Buffer,
};

describe('the demo data', () => {
  const test = useDatabase();
  beforeAll(async () => {
    await seedDemoData(test.db, files, { now: NOW });
  });

  const numbers = <T extends Record<string, number>>(sql: string, values: unknown[] = []) =>
    test.db.query<T>(sql, values).then(([row]) => row as T);

  it('is written once only', async () => {
    const before = await numbers('SELECT count(*)::int AS notices FROM notices');
    expect(await seedDemoData(test.db, files, { now: NOW })).toEqual({ seeded: false });
    expect(await numbers('SELECT count(*)::int AS notices FROM notices')).toEqual(before);
  });

  it('leaves nothing to send', async () => {
    expect(await numbers('SELECT count(*)::int AS due FROM outbox')).toEqual({ due: 0 });
  });

  it('has alerts in every state but sending, and open ones in the last days only', async () => {
    const states = async (channel: string) => {
      const rows = await test.db.query<{ state: string }>(
        'SELECT DISTINCT state FROM alerts WHERE channel = $1 ORDER BY state',
        [channel],
      );
      return rows.map(({ state }) => state);
    };
    const email = ['cancelled', 'expired', 'failed', 'queued', 'sent', 'unknown'];
    expect(await states('email')).toEqual(email);
    expect(await states('sms')).toEqual([...email, 'delivered'].sort());
    const open = await numbers(
      `SELECT count(*)::int AS old FROM alerts a JOIN notices n ON n.id = a.notice_id
        WHERE (a.state = 'queued' OR (a.state = 'sent' AND a.channel = 'sms'))
          AND n.accepted_at < $1::timestamptz - interval '2 days'`,
      [NOW],
    );
    expect(open).toEqual({ old: 0 });
  });

  it('has forty notices of the portal before, without alerts', async () => {
    const legacy = await numbers(
      `SELECT count(*)::int AS notices, count(a.id)::int AS alerts FROM notices n LEFT JOIN alerts a ON a.notice_id = n.id
        WHERE n.registered_at < $1`,
      [LEGACY_ENDS],
    );
    expect(legacy).toEqual({ notices: 40, alerts: 0 });
  });

  it('keeps to the past: no instant lies after now, and no event before its notice', async () => {
    const late = await numbers(
      `SELECT (SELECT count(*)::int FROM events WHERE at > $1) AS events,
              (SELECT count(*)::int FROM attempts WHERE settled_at > $1) AS attempts,
              (SELECT count(*)::int FROM notices WHERE accepted_at > $1 OR first_viewed_at > $1) AS notices,
              (SELECT count(*)::int FROM events e JOIN notices n ON n.id = e.notice_id WHERE e.at < n.accepted_at) AS early`,
      [NOW],
    );
    expect(late).toEqual({ events: 0, attempts: 0, notices: 0, early: 0 });
  });

  it('leaves the operators some alerts of late to deal with, each as it is', async () => {
    const dead = await numbers(
      `SELECT count(*)::int AS listed, count(DISTINCT d.cause)::int AS causes,
              count(*) FILTER (WHERE d.state <> a.state OR d.channel <> a.channel)::int AS wrong,
              count(*) FILTER (WHERE d.at > $1 OR d.at < $1::timestamptz - interval '30 days')::int AS elsewhen
         FROM dead_alerts d JOIN alerts a ON a.id = d.alert_id`,
      [NOW],
    );
    expect(dead.listed).toBeGreaterThan(3);
    expect(dead.causes).toBeGreaterThan(1);
    expect(dead).toMatchObject({ wrong: 0, elsewhen: 0 });
  });

  it('gives the watchdog nothing to find at first, but that some alerts wait for a decision, which is no news', async () => {
    const fresh = await createTestDatabase();
    await seedDemoData(fresh.db, files);
    const nothing = { lines: [], pauses: [], processes: [], lowCreditRials: 0 };
    const trouble = runWatchdogs({ measured: await measureDatabase(fresh.db), ...nothing });
    expect(trouble.map(({ rule }) => rule)).toEqual(['dead-letters']);
    const known = await createFindings(fresh.db).list();
    expect(await createFindings(fresh.db).reconcile(trouble)).toEqual({ appeared: [], resolved: [] });
    expect(await createFindings(fresh.db).list()).toEqual(known);
    const [unknown] = await fresh.db.query(`SELECT FROM dead_alerts WHERE state = 'unknown'`);
    expect(unknown).toBeDefined();
    await fresh.drop();
  });

  it('serves only under a service agreement signed before', async () => {
    const unagreed = await numbers(
      `SELECT count(*)::int AS notices FROM notices n
         LEFT JOIN workshops w ON w.employer_id = n.employer_id AND w.code = n.workshop_code
        WHERE w.agreement_signed_at IS NULL OR w.agreement_signed_at > n.registered_at`,
    );
    expect(unagreed).toEqual({ notices: 0 });
  });

  it('reads like any notice: every report is well formed and its timeline is in order', async () => {
    const rows = await test.db.query<{ id: string; sourceId: number }>(
      'SELECT id, source_id AS "sourceId" FROM notices',
    );
    const reader = createSenderNoticeReader(test.db);
    for (const { id, sourceId } of rows) {
      const report = senderNoticeViewSchema.parse(await reader.read(id, sourceId));
      const instants = report.timeline.map(({ at }) => at);
      expect(instants).toEqual([...instants].sort());
      expect(report.timeline[0]?.type).toBe('notice.accepted');
      expect(isTrackingNumber(report.trackingNumber)).toBe(true);
      expect(report.timeline.some(({ type }) => type === 'notice.viewed')).toBe(
        report.firstViewedAt !== null,
      );
      const said = (type: string) => report.timeline.some((event) => event.type === `alert.${type}`);
      for (const { state, attempts } of report.alerts) {
        if (['sent', 'delivered', 'failed', 'unknown', 'expired'].includes(state))
          expect(said(state)).toBe(true);
        if (state === 'delivered') expect(attempts.at(-1)).toMatchObject({ outcome: 'accepted', code: '1' });
      }
    }
  });

  it('has papers with its latest notices, a PDF and a picture, as the door would have checked them', async () => {
    const rows = await test.db.query<{ id: string; type: string; sha256: Buffer; size: number; at: Date }>(
      `SELECT f.id, f.content_type AS type, f.sha256, f.size, n.accepted_at AS at
         FROM attachments f JOIN notices n ON n.id = f.notice_id`,
    );
    expect(new Set(rows.map(({ type }) => type))).toEqual(new Set(['application/pdf', 'image/png']));
    for (const { id, type, sha256, size } of rows) {
      const bytes = await files.get(id);
      expect((await fileTypeFromBuffer(bytes))?.mime).toBe(type);
      expect([bytes.length, createHash('sha256').update(bytes).digest()]).toEqual([size, sha256]);
    }
  });

  it('answers a notice of the demo that is sent again as a duplicate', async () => {
    const notice = generateHistory(NOW)[100];
    const { source, subject, kind, priority, smsText } = (notice as NonNullable<typeof notice>).subject;
    const [row] = await test.db.query<{ id: number }>('SELECT id FROM source_systems WHERE code = $1', [
      source,
    ]);
    const input = {
      reference: notice?.reference,
      recipient: { nationalId: notice?.employer.nationalId, workshopCode: notice?.workshopCode },
      subject,
      kind,
      priority,
      ...(smsText && { smsText }),
    };
    const [answer] = await acceptNotices(
      {
        db: test.db,
        attachments: files,
        wording: { template: '{name} {trackingNumber}', suffix: '' },
        alertTtlHours: 72,
      },
      [{ door: 'http', source: { id: row?.id as number, code: source }, keyId: 'abl_1', input }],
    );
    expect(answer).toMatchObject({ id: notice?.id, duplicate: true });
  });
});

describe('the permit of the demo', () => {
  const test = useDatabase();

  it('is for a notice its owner has seen, and the passcode is in the inbox', async () => {
    await seedDemoData(test.db, files, { now: NOW });
    await issueDemoPermit(test.db, SECRET_KEY);
    const employerId = await employerIdOf(test.db, DEMO_EMPLOYERS[0]?.nationalId);
    const { rows } = await createInbox(test.db).list(employerId, { viewed: true });
    expect(rows[0]?.permit?.state).toBe('live');
    const passcode = createPermits(test.db, SECRET_KEY).decryptPasscode(rows[0]?.permit?.cipher as Buffer);
    expect(passcode).toMatch(/^\d{10}$/);
  });

  it('is not there where there is no demo', async () => {
    const empty = await createTestDatabase();
    await issueDemoPermit(empty.db, SECRET_KEY);
    expect(await empty.db.query('SELECT FROM permits')).toEqual([]);
    await empty.drop();
  });
});

describe('the story of the demo', () => {
  it('is the same for the same instant', () => {
    expect(generateHistory(NOW)).toEqual(generateHistory(NOW));
  });

  it('tells each notice once', () => {
    const told = generateHistory(NOW);
    expect(new Set(told.map(({ reference }) => reference)).size).toBe(told.length);
    expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
  });

  it('has employers with valid national IDs, persons and legal entities', () => {
    expect(DEMO_EMPLOYERS).toHaveLength(6);
    expect(DEMO_EMPLOYERS.every(({ nationalId }) => isNationalId(nationalId))).toBe(true);
    expect(new Set(DEMO_EMPLOYERS.map(({ nationalId }) => nationalId.length))).toEqual(new Set([10, 11]));
  });
});

describe('the demo key', () => {
  let test: TestDatabase;
  let dataDir: string;
  beforeEach(async () => {
    test = await createTestDatabase();
    dataDir = await mkdtemp(join(tmpdir(), 'ablagh-demo-'));
  });
  afterEach(async () => {
    await test.drop();
    await rm(dataDir, { recursive: true });
  });

  const seeded = async (db: Database) => {
    await seedDemoData(db, files, { now: NOW });
    return (await ensureDemoApiKey(db, dataDir)) as string;
  };

  it('opens everything for RECORDS, and lies in a file only its owner reads', async () => {
    const key = await seeded(test.db);
    expect(await createSourceSystems(test.db).authenticate(key)).toMatchObject({
      sourceCode: 'RECORDS',
      scopes: ['notices', 'employers', 'inquiries'],
    });
    const path = join(dataDir, 'demo-key');
    expect((await readFile(path, 'utf8')).trim()).toBe(key);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('stays the same at every start', async () => {
    const key = await seeded(test.db);
    expect(await ensureDemoApiKey(test.db, dataDir)).toBe(key);
  });

  it('is replaced when it was revoked, and when the file is of another database', async () => {
    const key = await seeded(test.db);
    await createSourceSystems(test.db).revoke('RECORDS');
    const next = await ensureDemoApiKey(test.db, dataDir);
    expect(next).not.toBe(key);
    await writeFile(join(dataDir, 'demo-key'), 'abl_000000000000.not-a-key');
    const last = (await ensureDemoApiKey(test.db, dataDir)) as string;
    expect(await createSourceSystems(test.db).authenticate(last)).not.toBeNull();
  });

  it('is never made for a system that is not of the demo', async () => {
    await createSourceSystems(test.db).add('RECORDS', 'سابقه');
    expect(await seedDemoData(test.db, files)).toEqual({ seeded: false });
    expect(await ensureDemoApiKey(test.db, dataDir)).toBeNull();
    expect((await createSourceSystems(test.db).list())[0]?.keys).toHaveLength(1);
  });

  it('is seeded once by two starts at the same time', async () => {
    const answers = await Promise.all([seedDemoData(test.db, files), seedDemoData(test.db, files)]);
    expect(answers.map(({ seeded }) => seeded).sort()).toEqual([false, true]);
  });
});
