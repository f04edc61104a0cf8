import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEvents } from '../../../core/events/events';
import {
  type AcceptDependencies,
  acceptNotices,
  type Submission,
} from '../../../core/notices/accept-notices';
import { openAttachmentStore } from '../../../core/notices/attachment-store';
import type { Accepted, NoticeInput } from '../../../core/notices/notice-schema';
import type { Database } from '../../../core/platform/database';
import { Refusal, Unavailable } from '../../../core/platform/errors';
import type { Caller } from '../../../core/sources/source-systems';
import { isTrackingNumber } from '../../../core/text/identifiers';
import { useDatabase } from '../../support/database';
import {
  addSource,
  aNotice,
  anAttachment,
  aWorkshop,
  JPEG,
  nationalId,
  PDF,
  PNG,
  registerEmployer,
} from '../../support/fixtures';

const folder = join(tmpdir(), `ablagh-attachments-${randomUUID()}`);

describe('accepting notices', () => {
  const test = useDatabase({ max: 20 });
  let deps: AcceptDependencies;
  let caller: Caller;

  beforeAll(async () => {
    const wording = { template: '{name}: {trackingNumber}', suffix: 'لغو۱۱' };
    const attachments = await openAttachmentStore(undefined, folder);
    deps = { db: test.db, attachments, wording, alertTtlHours: 72 };
    await registerEmployer(test.db, { workshops: [aWorkshop('0183630045'), aWorkshop('0183630046', false)] });
  });
  beforeEach(async () => {
    ({ caller } = await addSource(test.db));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const submission = (input: unknown): Submission => ({
    door: 'http',
    source: { id: caller.sourceId, code: caller.sourceCode },
    keyId: caller.keyId,
    input,
  });
  const accept = (...inputs: unknown[]) => acceptNotices(deps, inputs.map(submission));
  const acceptOne = async (input: unknown) => (await accept(input))[0] as Accepted;
  const feed = async () => (await createEvents(test.db).feed(caller.sourceId, null, 1000)).events;
  const rowOf = async (id: string) => (await test.db.query('SELECT * FROM notices WHERE id = $1', [id]))[0];
  const alertsOf = (id: string) =>
    test.db.query<{ channel: string; address: string }>(
      `SELECT a.channel, a.address, o.queue, a.expires_at - n.accepted_at = interval '72 hours' AS "lives72h"
         FROM alerts a JOIN notices n ON n.id = a.notice_id JOIN outbox o ON a.id = ANY(o.subject_ids)
        WHERE n.id = $1 AND o.queue LIKE a.channel || '-%' ORDER BY a.id`,
      [id],
    );

  it('writes the notice, an alert per address with its due work, and the event', async () => {
    const answer = await acceptOne(aNotice({ priority: 'urgent' }));
    expect(answer).toMatchObject({ state: 'accepted', duplicate: false });
    expect(isTrackingNumber(answer.trackingNumber)).toBe(true);
    expect(await rowOf(answer.id)).toMatchObject({
      workshop_code: '0183630045',
      subject: 'اعلام سابقه',
      sms_text: `شرکت نمونه: ${answer.trackingNumber}\nلغو۱۱`,
      accepted_at: new Date(answer.acceptedAt),
    });
    expect(await alertsOf(answer.id)).toEqual([
      { channel: 'sms', address: '+989121234567', queue: 'sms-urgent', lives72h: true },
      { channel: 'email', address: 'employer@example.ir', queue: 'email-urgent', lives72h: true },
    ]);
    expect(await feed()).toMatchObject([
      { type: 'notice.accepted', noticeId: answer.id, data: { alerts: ['sms', 'email'] } },
    ]);
  });

  it('prefers the addresses of the notice to those of the register', async () => {
    const { id } = await acceptOne(
      aNotice({ recipient: { mobile: '۰۹۳۵ ۱۱۱ ۲۲۳۳', email: 'other@example.ir' } }),
    );
    expect((await alertsOf(id)).map(({ address }) => address)).toEqual(['+989351112233', 'other@example.ir']);
  });

  it('accepts a notice to an employer without mobile or email: it is served in the inbox', async () => {
    const { nationalId: id } = await registerEmployer(test.db, {
      nationalId: nationalId(5),
      mobile: null,
      email: null,
    });
    const answer = await acceptOne(aNotice({ recipient: { nationalId: id } }));
    expect(answer.state).toBe('accepted');
    expect(await alertsOf(answer.id)).toEqual([]);
  });

  it('gives the first answer again to the same content in another notation', async () => {
    const notice = aNotice();
    const first = await acceptOne(notice);
    const again = {
      priority: 'normal',
      ...notice,
      recipient: { workshopCode: '۰۱۸۳۶۳۰۰۴۵', nationalId: ' ٠٤٩٩-٣٧٠٨٩-٩ ' },
    };
    expect(await acceptOne(again)).toEqual({ ...first, duplicate: true });
    expect(await feed()).toHaveLength(1);
  });

  it.each([
    ['subject', { subject: 'دیگر' }],
    ['text', { smsText: 'متن' }],
    ['kind', { kind: 'other' }],
    ['priority', { priority: 'bulk' as const }],
    ['address', { recipient: { mobile: '09351112233' } }],
    ['attachment', { attachments: [anAttachment()] }],
  ])('refuses the same reference with another %s', async (_name, other) => {
    const notice = aNotice();
    await acceptOne(notice);
    const { recipient, ...rest } = other as Partial<NoticeInput>;
    const answer = await acceptOne({ ...notice, ...rest, recipient: { ...notice.recipient, ...recipient } });
    expect(answer).toMatchObject({ code: 'reference_conflict' });
  });

  it('accepts the same reference from two systems', async () => {
    const notice = aNotice();
    const first = await acceptOne(notice);
    ({ caller } = await addSource(test.db));
    const second = await acceptOne(notice);
    expect(second).toMatchObject({ duplicate: false });
    expect(second.id).not.toBe(first.id);
  });

  it('accepts a reference once when it occurs several times in one set', async () => {
    const notice = aNotice();
    const other = { ...notice, subject: 'دیگر' };
    const [first, second, third, fourth] = (await accept(notice, notice, other, notice)) as Accepted[];
    expect(first).toMatchObject({ duplicate: false });
    expect(second).toEqual({ ...first, duplicate: true });
    expect(third).toMatchObject({ code: 'reference_conflict' });
    expect(fourth).toEqual({ ...first, duplicate: true });
    expect((await feed()).map(({ type }) => type)).toEqual(['notice.accepted', 'notice.refused']);
  });

  it('accepts each reference once when sets with the same references race in any order', async () => {
    const notices = Array.from({ length: 40 }, () => aNotice());
    const sets = Array.from({ length: 12 }, (_, i) => (i % 2 ? notices : notices.toReversed()));
    const answers = (await Promise.all(sets.map((set) => accept(...set)))).flat() as Accepted[];
    expect(answers.every((answer) => answer.state === 'accepted')).toBe(true);
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(40);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(40);
    expect(await feed()).toHaveLength(40);
  });

  const refused: [string, unknown, string][] = [
    ['an employer outside the register', { recipient: { nationalId: nationalId(77) } }, 'unknown_employer'],
    ['a workshop of another employer', { recipient: { workshopCode: '0183630099' } }, 'unknown_workshop'],
    [
      'a workshop without an agreement',
      { recipient: { workshopCode: '0183630046' } },
      'no_service_agreement',
    ],
    ['a wrong check digit', { recipient: { nationalId: '0499370898' } }, 'invalid_national_id'],
    ['a malformed workshop code', { recipient: { workshopCode: '12' } }, 'invalid_workshop_code'],
    ['a malformed mobile number', { recipient: { mobile: '0912' } }, 'invalid_mobile'],
    ['a malformed email address', { recipient: { email: 'a@b' } }, 'invalid_email'],
    ['a link in the text', { smsText: 'bit.ly/abc را باز کنید' }, 'link_not_allowed'],
    ['a text too long for the configured last line', { smsText: 'ا'.repeat(900) }, 'sms_text_too_long'],
    [
      'a PDF that is an image',
      { attachments: [{ ...anAttachment(PNG), contentType: 'application/pdf' }] },
      'invalid_attachment',
    ],
    [
      'an attachment that is not base64',
      { attachments: [{ ...anAttachment(), content: 'a b c' }] },
      'invalid_attachment',
    ],
    [
      'an attachment of 6 MB',
      { attachments: [anAttachment(Buffer.concat([PDF, Buffer.alloc(6 * 1024 * 1024)]))] },
      'too_large',
    ],
    ['six attachments', { attachments: Array.from({ length: 6 }, () => anAttachment()) }, 'invalid_request'],
    ['an unknown field', { colour: 'red' }, 'invalid_request'],
    ['a line break in the subject', { subject: 'a\nb' }, 'invalid_request'],
    ['half a surrogate pair', { subject: '\ud800' }, 'invalid_request'],
  ];
  it.each(refused)(
    'refuses %s, records the reason, and adds it to the feed',
    async (_name, overrides, code) => {
      const reference = `REFUSED-${randomUUID()}`;
      const answer = await acceptOne(aNotice({ reference, ...(overrides as object) }));
      expect(answer).toBeInstanceOf(Refusal);
      expect(answer).toMatchObject({ code });
      const refusals = await test.db.query(
        'SELECT door, source_id, key_id, code FROM refusals WHERE reference = $1',
        [reference],
      );
      expect(refusals).toEqual([{ door: 'http', source_id: caller.sourceId, key_id: caller.keyId, code }]);
      expect(await feed()).toMatchObject([
        { type: 'notice.refused', reference, noticeId: null, data: { code, reference } },
      ]);
    },
  );

  it.each([[null], [7], ['text'], [[]], [{}], [{ reference: 'a\0b' }], [{ reference: { a: 1 } }]])(
    'refuses and records %j, which is no notice at all',
    async (input) => {
      expect(await acceptOne(input)).toMatchObject({ code: 'invalid_request' });
      expect(await feed()).toMatchObject([{ type: 'notice.refused', data: { code: 'invalid_request' } }]);
    },
  );

  it('refuses some notices of a set and accepts the others, each in its place', async () => {
    const answers = await accept(aNotice(), null, aNotice({ recipient: { nationalId: '1' } }), aNotice());
    expect(answers.map((answer) => ('code' in answer ? answer.code : answer.state))).toEqual([
      'accepted',
      'invalid_request',
      'invalid_national_id',
      'accepted',
    ]);
  });

  it('keeps the bytes of attachments, in their order', async () => {
    const files = [PDF, PNG, JPEG];
    const { id } = await acceptOne(
      aNotice({ attachments: files.map((file, i) => ({ ...anAttachment(file), fileName: `${i}.bin` })) }),
    );
    const rows = await test.db.query<{ id: string; file_name: string; size: number }>(
      'SELECT id, file_name, size FROM attachments WHERE notice_id = $1 ORDER BY position',
      [id],
    );
    expect(rows.map((row) => [row.file_name, row.size])).toEqual(
      files.map((file, i) => [`${i}.bin`, file.length]),
    );
    for (const [i, row] of rows.entries()) expect(await deps.attachments.get(row.id)).toEqual(files[i]);
  });

  it.each(['notices', 'alerts', 'outbox', 'attachments', 'events'])(
    'writes nothing of a notice when writing its %s fails',
    async (table) => {
      const notice = aNotice({ attachments: [anAttachment()] });
      await whileFull(test.db, table, async () => {
        await expect(acceptNotices(deps, [submission(notice)])).rejects.toThrow('no room');
      });
      const left = await test.db.query('SELECT 1 FROM notices WHERE reference = $1', [notice.reference]);
      expect(left).toEqual([]);
      expect(await feed()).toEqual([]);
      expect(await acceptOne(notice)).toMatchObject({ duplicate: false });
    },
  );

  it('accepts nothing when the attachments cannot be stored', async () => {
    const attachments = { ...deps.attachments, put: () => Promise.reject(new Unavailable('attachments')) };
    const notice = aNotice({ attachments: [anAttachment()] });
    await expect(acceptNotices({ ...deps, attachments }, [submission(notice)])).rejects.toThrow(Unavailable);
    expect(await feed()).toEqual([]);
  });

  it('gives the first answers when a set is sent again whose refusals could not be recorded', async () => {
    const notice = aNotice();
    await whileFull(test.db, 'refusals', async () => {
      await expect(accept(notice, null)).rejects.toThrow('no room');
    });
    const [answer, refusal] = await accept(notice, null);
    expect(answer).toMatchObject({ duplicate: true });
    expect(refusal).toMatchObject({ code: 'invalid_request' });
  });

  it('kicks the relay after the commit, and only when there is work', async () => {
    let kicks = 0;
    const kick = () => {
      kicks += 1;
    };
    const kicked = { ...deps, kick };
    const notice = aNotice();
    await acceptNotices(kicked, [submission(notice)]);
    await acceptNotices(kicked, [submission(notice), submission(null)]);
    expect(kicks).toBe(1);
  });
});

/** Runs `work` while PostgreSQL refuses every new row of a table. */
async function whileFull(db: Database, table: string, work: () => Promise<void>): Promise<void> {
  await db.query(`
    CREATE FUNCTION refuse_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room'; END $$;
    CREATE TRIGGER full_table BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse_row()`);
  try {
    await work();
  } finally {
    await db.query('DROP FUNCTION refuse_row CASCADE');
  }
}
