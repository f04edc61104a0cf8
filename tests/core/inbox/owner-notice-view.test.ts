import { createInbox } from '../../../core/inbox/inbox';
import type { OwnerNoticeView } from '../../../core/inbox/owner-notice-view';
import { deadlineOf, NOTICE_DEADLINES } from '../../../core/notices/notice-kinds';
import { createPermits } from '../../../core/permits/permits';
import type { Caller } from '../../../core/sources/source-systems';
import { jalaliDate } from '../../../core/text/jalali';
import { createViews } from '../../../core/views/views';
import { useDatabase } from '../../support/database';
import { addSource, aNotice, anAttachment, PNG, registerEmployer } from '../../support/fixtures';
import { acceptAll, employerIdOf, registeredAt } from '../../support/inbox';

const test = useDatabase();
let caller: Caller;
let employerId: string;

beforeAll(async () => {
  ({ caller } = await addSource(test.db));
  await registerEmployer(test.db);
  employerId = await employerIdOf(test.db);
});

const read = (id: string, owner = employerId) => createInbox(test.db).read(id, owner);
const accept = async (overrides: Parameters<typeof aNotice>[0] = {}) => {
  const [id] = await acceptAll(test.db, caller, [aNotice(overrides)]);
  return id as string;
};

describe('the owner of a notice', () => {
  it('reads its content, with the attachments in order', async () => {
    const id = await accept({
      subject: 'فرم شماره ۱',
      attachments: [anAttachment(PNG, 'تصویر.png'), anAttachment(undefined, 'فرم.pdf')],
    });
    expect(await read(id)).toMatchObject({
      id,
      subject: 'فرم شماره ۱',
      recipientName: 'شرکت نمونه',
      nationalId: '0499370899',
      legacy: false,
      permit: null,
      attachments: [
        { fileName: 'تصویر.png', contentType: 'image/png', size: PNG.length },
        { fileName: 'فرم.pdf', contentType: 'application/pdf' },
      ],
    });
  });

  it('reads its history in order, and its first view as soon as it is recorded', async () => {
    const id = await accept();
    await createViews(test.db).open({ noticeId: id, employerId, actor: 'employer' });
    const permits = createPermits(test.db, 'a secret of more than thirty-two bytes');
    await permits.issue({ noticeId: id, employerId, duration: 'day' });
    await permits.revoke({ noticeId: id, employerId });
    const notice = await read(id);
    expect(notice?.history).toMatchObject({ beginning: [], gap: false });
    expect(notice?.history.latest.map(({ type }) => type)).toEqual([
      'notice.accepted',
      'notice.viewed',
      'permit.issued',
      'permit.revoked',
    ]);
    expect(notice?.legal.firstViewedAt).toEqual(notice?.history.latest[1]?.at);
  });

  it('reads the first and the latest events of a long history, and whether others are left out', async () => {
    const id = await accept();
    const open = (times: number) =>
      test.db.query(
        `INSERT INTO events (source_id, type, notice_id, actor, data)
         SELECT source_id, 'notice.viewed', id, 'employer', '{}' FROM notices, generate_series(1, $2) WHERE id = $1`,
        [id, times],
      );
    const lengths = async () => {
      const { beginning, gap, latest } = ((await read(id)) as OwnerNoticeView).history;
      return [beginning.length, gap, latest.length];
    };
    await open(299);
    expect(await lengths()).toEqual([50, false, 250]);
    await open(1);
    expect(await lengths()).toEqual([50, true, 250]);
    const { history } = (await read(id)) as OwnerNoticeView;
    expect(history.beginning[0]?.type).toBe('notice.accepted');
  });

  it('finds nothing as another employer, and nothing for an invalid id', async () => {
    await registerEmployer(test.db, { nationalId: '10380284790' });
    const other = await employerIdOf(test.db, '10380284790');
    expect(await read(await accept(), other)).toBeNull();
    expect(await read("'; DROP TABLE notices")).toBeNull();
  });
});

describe('the last day to object', () => {
  it('is thirty Jalali days after a debt notice was registered, with its legal basis', async () => {
    const id = await accept({ kind: 'debt-notice' });
    // 23:30 on 1403/01/21 in Tehran.
    await registeredAt(test.db, id, '2024-04-09T20:00:00Z');
    const deadline = (await read(id))?.legal.deadline;
    expect(deadline?.legalBasis).toContain('ماده ۴۲');
    expect(jalaliDate(deadline?.lastDay as Date)).toBe('۱۴۰۳/۰۲/۲۰');
  });

  it('is the same from the first minute of a day to the last', async () => {
    const id = await accept({ kind: 'board-decision' });
    const days = [];
    for (const at of ['2024-04-08T20:30:00Z', '2024-04-09T20:29:59Z']) {
      await registeredAt(test.db, id, at);
      days.push(jalaliDate((await read(id))?.legal.deadline?.lastDay as Date));
    }
    expect(days).toEqual(['۱۴۰۳/۰۲/۱۰', '۱۴۰۳/۰۲/۱۰']);
  });

  it('is absent for a kind without a rule, and without a kind', async () => {
    expect((await read(await accept({ kind: 'record-declaration' })))?.legal.deadline).toBeNull();
    expect((await read(await accept()))?.legal.deadline).toBeNull();
    expect(deadlineOf('constructor')).toBeNull();
  });

  it('has a written legal basis for every rule', () => {
    for (const { days, legalBasis, title } of Object.values(NOTICE_DEADLINES)) {
      expect(days).toBeGreaterThan(0);
      expect(legalBasis).toMatch(/ماده [۰-۹]+/);
      expect(title).not.toBe('');
    }
  });
});
