import { createInbox } from '../../../core/inbox/inbox';
import type { InboxQuery } from '../../../core/inbox/list-notices';
import { createPermits } from '../../../core/permits/permits';
import { type Caller, createSourceSystems } from '../../../core/sources/source-systems';
import { forceAlertState } from '../../support/alert-states';
import { useDatabase } from '../../support/database';
import { addSource, aNotice, aWorkshop, nationalId, registerEmployer } from '../../support/fixtures';
import { acceptAll, employerIdOf, registeredAt } from '../../support/inbox';

const SECRET = 'a secret of more than thirty-two bytes';
const test = useDatabase();
let caller: Caller;
let people = 0;

/** A new employer with three workshops, one without an agreement, and short calls to its inbox. */
async function anInbox() {
  people += 1;
  const owner = nationalId(people);
  await registerEmployer(test.db, {
    nationalId: owner,
    workshops: [aWorkshop('0000000001'), aWorkshop('0000000002'), aWorkshop('0000000003', false)],
  });
  const employerId = await employerIdOf(test.db, owner);
  const inbox = createInbox(test.db);
  return {
    employerId,
    inbox,
    accept: (notices: { subject?: string; workshopCode?: string }[], from = caller) =>
      acceptAll(
        test.db,
        from,
        notices.map(({ subject = 'اعلام سابقه', workshopCode = '0000000001' }) =>
          aNotice({ subject, recipient: { nationalId: owner, workshopCode } }),
        ),
      ),
    list: (query?: InboxQuery) => inbox.list(employerId, query),
    ids: async (query?: InboxQuery) => (await inbox.list(employerId, query)).rows.map(({ id }) => id),
  };
}

beforeAll(async () => {
  ({ caller } = await addSource(test.db, 'RECORDS'));
});

describe('the pages of an inbox', () => {
  it('hold ten notices each, newest first, and every notice is on exactly one', async () => {
    const { accept, list } = await anInbox();
    const ids = await accept(Array.from({ length: 23 }, () => ({})));
    const first = await list();
    const second = await list({ after: first.older as string });
    const third = await list({ after: second.older as string });
    expect([first, second, third].map(({ rows }) => rows.length)).toEqual([10, 10, 3]);
    expect([first, second, third].flatMap(({ rows }) => rows.map(({ id }) => id))).toEqual(ids.reverse());
    expect(first.newer).toBeUndefined();
    expect(third.older).toBeUndefined();
  });

  it('lead back to the page before', async () => {
    const { accept, list } = await anInbox();
    await accept(Array.from({ length: 23 }, () => ({})));
    const first = await list();
    const second = await list({ after: first.older as string });
    const third = await list({ after: second.older as string });
    expect(await list({ before: third.newer as string })).toEqual(second);
    expect(await list({ before: second.newer as string })).toEqual(first);
  });

  it('skip and repeat no notice when many were registered at the same instant', async () => {
    const { accept, list } = await anInbox();
    const ids = await accept(Array.from({ length: 15 }, () => ({})));
    await test.db.query(
      `UPDATE notices SET registered_at = '2025-01-01T10:00:00.123456Z' WHERE id = ANY($1)`,
      [ids],
    );
    const first = await list();
    const second = await list({ after: first.older as string });
    const seen = [...first.rows, ...second.rows].map(({ id }) => id);
    expect(seen).toEqual(ids.toSorted().reverse());
  });

  it('start from the beginning when the cursor is invalid', async () => {
    const { accept, ids } = await anInbox();
    const accepted = await accept([{}, {}]);
    for (const after of ['', '1', 'x-y', `1-${'0'.repeat(36)}`, '99999999999999999-0'])
      expect(await ids({ after })).toEqual(accepted.toReversed());
  });

  it('show nothing of another employer, whatever the query', async () => {
    const [mine, theirs] = [await anInbox(), await anInbox()];
    await theirs.accept([{}, {}]);
    const { older = '', rows } = await theirs.list();
    expect(rows).toHaveLength(2);
    expect(await mine.ids()).toEqual([]);
    expect(await mine.ids({ query: rows[0]?.trackingNumber as string, after: older })).toEqual([]);
  });
});

describe('a search', () => {
  it.each([
    ['part of the subject', 'سابقه'],
    ['Arabic letters', 'سابقة'.replace('ة', 'ه').replace('ی', 'ي')],
    ['a space for what joins letters', 'بیمه شده'],
    ['no space at all', 'بیمهشده'],
    ['a number in Persian digits', 'شماره ۱۲'],
    ['a number in Arabic digits', 'شماره ١٢'],
  ])('finds a notice by %s', async (_, query) => {
    const { accept, ids } = await anInbox();
    const [wanted] = await accept([{ subject: 'اصلاح سابقه بيمه‌شده شماره 12' }, { subject: 'دیگر' }]);
    expect(await ids({ query })).toEqual([wanted]);
  });

  it('finds a notice by its tracking number, however it is written, and by part of it', async () => {
    const { accept, list, ids } = await anInbox();
    const [wanted] = await accept([{ subject: 'یک' }, { subject: 'دو' }]);
    const number = (await list()).rows.find(({ id }) => id === wanted)?.trackingNumber as string;
    const persian = number.replace(/\d/g, (digit) => '۰۱۲۳۴۵۶۷۸۹'[Number(digit)] as string);
    expect(await ids({ query: persian })).toEqual([wanted]);
    expect(await ids({ query: ` ${number.slice(0, 4)}-${number.slice(4)} ` })).toEqual([wanted]);
    expect(await ids({ query: number.slice(3) })).toEqual([wanted]);
  });

  it('finds the notices of a system by its title', async () => {
    await createSourceSystems(test.db).add('INSPECTION', 'بازرسی از دفاتر قانونی');
    const [inspection] = await test.db.query<{ id: number }>(
      `SELECT id FROM source_systems WHERE code = 'INSPECTION'`,
    );
    const { accept, ids } = await anInbox();
    await accept([{}]);
    const wanted = await accept([{}], {
      ...caller,
      sourceId: inspection?.id as number,
      sourceCode: 'INSPECTION',
    });
    expect(await ids({ query: 'دفاتر' })).toEqual(wanted);
  });

  it.each(['%', '_', '\\', "'", '\0', '؟'])('takes %j literally', async (query) => {
    const { accept, ids } = await anInbox();
    const [wanted] = await accept([{ subject: "صد % و _ و \\ و ' و ؟" }, { subject: 'دیگر' }]);
    expect(await ids({ query })).toEqual(query === '\0' ? expect.arrayContaining([wanted]) : [wanted]);
  });
});

describe('a filter', () => {
  it('separates viewed notices from those not viewed', async () => {
    const { accept, ids, inbox, employerId } = await anInbox();
    const [seen, unseen] = await accept([{}, {}]);
    await test.db.query('UPDATE notices SET first_viewed_at = now() WHERE id = $1', [seen]);
    expect(await ids({ viewed: true })).toEqual([seen]);
    expect(await ids({ viewed: false })).toEqual([unseen]);
    expect(await inbox.unviewedCount(employerId)).toBe(1);
  });

  it('includes the first instant of a period and excludes its end', async () => {
    const { accept, ids } = await anInbox();
    const [early, late] = (await accept([{}, {}])) as [string, string];
    await registeredAt(test.db, early, '2025-03-20T20:30:00Z');
    await registeredAt(test.db, late, '2025-03-21T20:30:00Z');
    const [first, last] = [new Date('2025-03-20T20:30:00Z'), new Date('2025-03-21T20:30:00Z')];
    expect(await ids({ from: first, to: last })).toEqual([early]);
    expect(await ids({ from: last })).toEqual([late]);
    expect(await ids({ to: first })).toEqual([]);
  });

  it('limits the list to one workshop, and applies all filters to every page', async () => {
    const { accept, list } = await anInbox();
    await accept(Array.from({ length: 24 }, (_, i) => ({ workshopCode: `000000000${(i % 2) + 1}` })));
    const query: InboxQuery = { workshopCode: '0000000002', viewed: false, query: 'سابقه' };
    const first = await list(query);
    const second = await list({ ...query, after: first.older as string });
    expect([first.rows.length, second.rows.length]).toEqual([10, 2]);
    expect(new Set([...first.rows, ...second.rows].map(({ workshopCode }) => workshopCode))).toEqual(
      new Set(['0000000002']),
    );
  });
});

describe('a row of the inbox', () => {
  it('has a pending alert until one is sent, and shows the addresses of the alerts', async () => {
    const { accept, list } = await anInbox();
    const [id] = (await accept([{}])) as [string];
    expect((await list()).rows).toMatchObject([
      {
        id,
        sentAt: null,
        alertPending: true,
        mobile: '+989121234567',
        email: 'employer@example.ir',
        permit: null,
      },
    ]);
    const at = new Date('2025-01-01T10:00:00Z');
    await forceAlertState(test.db, { noticeId: id }, 'sent');
    await test.db.query(`UPDATE alerts SET sent_at = $2 WHERE notice_id = $1 AND channel = 'sms'`, [id, at]);
    expect((await list()).rows).toMatchObject([{ sentAt: at }]);
  });

  it('has no pending alert once every alert has failed', async () => {
    const { accept, list } = await anInbox();
    const [id] = (await accept([{}])) as [string];
    await forceAlertState(test.db, { noticeId: id }, 'failed');
    expect((await list()).rows).toMatchObject([{ sentAt: null, alertPending: false }]);
  });

  it('shows a live permit, the end of an expired one, and nothing of a revoked one', async () => {
    const { accept, list, employerId } = await anInbox();
    const [noticeId] = (await accept([{}])) as [string];
    const permits = createPermits(test.db, SECRET);
    const issued = await permits.issue({ noticeId, employerId, duration: 'week' });
    const [live] = (await list()).rows;
    expect(live?.permit).toMatchObject({ state: 'live', expiresAt: issued?.expiresAt });
    expect(permits.decryptPasscode(live?.permit?.cipher as Buffer)).toBe(issued?.passcode);

    const ended = new Date(Date.now() - 1000);
    await test.db.query('UPDATE permits SET expires_at = $2 WHERE notice_id = $1', [noticeId, ended]);
    expect((await list()).rows[0]?.permit).toEqual({ state: 'expired', expiresAt: ended, cipher: null });

    await permits.issue({ noticeId, employerId, duration: 'day' });
    await permits.revoke({ noticeId, employerId });
    expect((await list()).rows[0]?.permit).toBeNull();
  });

  it('belongs to the legacy portal up to the last instant of 1398/03/31, and then needs no view', async () => {
    const { accept, list, inbox, employerId } = await anInbox();
    const [old, first] = (await accept([{}, {}])) as [string, string];
    await registeredAt(test.db, old, '2019-06-21T19:29:59.999Z');
    await registeredAt(test.db, first, '2019-06-21T19:30:00Z');
    const { rows } = await list();
    expect(rows.map(({ id, legacy }) => [id, legacy])).toEqual([
      [first, false],
      [old, true],
    ]);
    expect(await inbox.unviewedCount(employerId)).toBe(1);
  });
});

it('lists the workshops of an employer, also those without an agreement', async () => {
  const { inbox, employerId } = await anInbox();
  expect(await inbox.workshops(employerId)).toEqual([
    { code: '0000000001', name: 'کارگاه 0000000001', hasAgreement: true },
    { code: '0000000002', name: 'کارگاه 0000000002', hasAgreement: true },
    { code: '0000000003', name: 'کارگاه 0000000003', hasAgreement: false },
  ]);
});
