import { permitEnd } from '../../../core/permits/permit-durations';
import { createPermits } from '../../../core/permits/permits';
import { inSpan } from '../../../core/platform/tracing';
import { useDatabase } from '../../support/database';
import { eventsOf, type ServedNotice, serveNotice, workFor } from '../../support/served-notice';
import { useTraces } from '../../support/traces';

const SECRET_KEY = 'a secret of more than thirty-two bytes';

describe('inquiry permits', () => {
  const test = useDatabase({ max: 20 });
  const permits = () => createPermits(test.db, SECRET_KEY);
  const issue = ({ noticeId, employerId }: Pick<ServedNotice, 'noticeId' | 'employerId'>) =>
    permits().issue({ noticeId, employerId, duration: 'week' });

  const rowsOf = (noticeId: string) =>
    test.db.query<{
      id: string;
      state: string;
      cipher: Buffer | null;
      hash: Buffer;
      issuedAt: Date;
      expiresAt: Date;
    }>(
      `SELECT id, state, passcode_cipher AS cipher, passcode_hash AS hash, issued_at AS "issuedAt", expires_at AS "expiresAt"
         FROM permits WHERE notice_id = $1 ORDER BY id`,
      [noticeId],
    );
  const endNow = (noticeId: string) =>
    test.db.query(`UPDATE permits SET expires_at = now() - interval '1 second' WHERE notice_id = $1`, [
      noticeId,
    ]);

  it('are issued with ten digits, an end by the calendar, an event and the work that expires them', async () => {
    const notice = await serveNotice(test.db);
    const issued = await issue(notice);
    expect(issued?.passcode).toMatch(/^[0-9]{10}$/);
    const [row] = await rowsOf(notice.noticeId);
    expect(row).toMatchObject({ id: issued?.permitId, state: 'active', expiresAt: issued?.expiresAt });
    expect(row?.expiresAt).toEqual(permitEnd(row?.issuedAt as Date, 'week'));
    expect(await eventsOf(test.db, notice.noticeId)).toEqual([
      {
        type: 'permit.issued',
        actor: 'employer',
        data: { duration: 'week', expiresAt: issued?.expiresAt.toISOString(), permitId: issued?.permitId },
        at: row?.issuedAt,
      },
    ]);
    const [work] = await test.db.query<{ runAt: Date; ahead: boolean }>(
      `SELECT run_at AS "runAt", relay_at = run_at - interval '15 minutes' AS ahead FROM outbox
        WHERE queue = 'permits' AND subject_ids[1] = $1`,
      [issued?.permitId],
    );
    expect(work).toEqual({ runAt: issued?.expiresAt, ahead: true });
  });

  it('keep the passcode readable for its owner only, and in clear text in no table', async () => {
    const notice = await serveNotice(test.db);
    const issued = await issue(notice);
    const passcode = issued?.passcode as string;
    const [row] = await rowsOf(notice.noticeId);
    expect(permits().decryptPasscode(row?.cipher as Buffer)).toBe(passcode);
    expect(() =>
      createPermits(test.db, 'another secret of thirty-two bytes!').decryptPasscode(row?.cipher as Buffer),
    ).toThrow();
    const changed = Buffer.from(row?.cipher as Buffer);
    changed[15] = (changed[15] as number) ^ 1;
    expect(() => permits().decryptPasscode(changed)).toThrow();
    for (const table of ['permits', 'events', 'outbox']) {
      const rows = await test.db.query<{ text: string }>(`SELECT t::text AS text FROM ${table} t`);
      const exposed = rows.filter(({ text }) => text.includes(passcode));
      expect([table, exposed]).toEqual([table, []]);
    }
    expect(row?.cipher?.includes(passcode)).toBe(false);
  });

  it('have passcodes with different hashes and ciphers', async () => {
    const [one, two] = [await serveNotice(test.db), await serveNotice(test.db)];
    await Promise.all([issue(one), issue(two)]);
    const [a] = await rowsOf(one.noticeId);
    const [b] = await rowsOf(two.noticeId);
    expect(a?.hash).toHaveLength(32);
    expect(a?.hash.equals(b?.hash as Buffer)).toBe(false);
    expect(a?.cipher?.equals(b?.cipher as Buffer)).toBe(false);
  });

  it('are one for each notice, however many requests issue at once', async () => {
    const notice = await serveNotice(test.db);
    const answers = await Promise.allSettled(Array.from({ length: 12 }, () => issue(notice)));
    const issued = answers.filter(({ status }) => status === 'fulfilled');
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason.code] : []));
    expect([issued.length, new Set(refused)]).toEqual([1, new Set(['permit_exists'])]);
    expect(await rowsOf(notice.noticeId)).toHaveLength(1);
    expect(await eventsOf(test.db, notice.noticeId)).toHaveLength(1);
  });

  it('are not issued for notices of another employer', async () => {
    const { noticeId } = await serveNotice(test.db);
    const { employerId } = await serveNotice(test.db);
    for (const id of [noticeId, '01890000-0000-7000-8000-000000000000', 'x']) {
      expect(await issue({ noticeId: id, employerId })).toBeNull();
    }
    expect(await rowsOf(noticeId)).toEqual([]);
  });

  it('are issued again once one is over, also before it is marked as expired', async () => {
    const notice = await serveNotice(test.db);
    const first = await issue(notice);
    await endNow(notice.noticeId);
    const second = await issue(notice);
    expect(second?.permitId).not.toBe(first?.permitId);
    expect((await rowsOf(notice.noticeId)).map(({ state, cipher }) => [state, cipher !== null])).toEqual([
      ['expired', false],
      ['active', true],
    ]);
    expect((await eventsOf(test.db, notice.noticeId)).map(({ type }) => type)).toEqual([
      'permit.issued',
      'permit.expired',
      'permit.issued',
    ]);
    expect(await workFor(test.db, 'permits', [first?.permitId as string])).toEqual([]);
  });

  it('are revoked at once, with their passcode and their work', async () => {
    const notice = await serveNotice(test.db);
    const issued = await issue(notice);
    expect(await permits().revoke(notice)).toBe(true);
    expect(await rowsOf(notice.noticeId)).toMatchObject([{ state: 'revoked', cipher: null }]);
    expect(await workFor(test.db, 'permits', [issued?.permitId as string])).toEqual([]);
    expect((await eventsOf(test.db, notice.noticeId)).at(-1)).toMatchObject({
      type: 'permit.revoked',
      data: { permitId: issued?.permitId },
    });
    expect(await permits().revoke(notice)).toBe(false);
    expect(await issue(notice)).not.toBeNull();
  });

  it('are revoked once, however many requests revoke at once', async () => {
    const notice = await serveNotice(test.db);
    await issue(notice);
    const answers = await Promise.all(Array.from({ length: 8 }, () => permits().revoke(notice)));
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await eventsOf(test.db, notice.noticeId)).toHaveLength(2);
  });

  it('are not revoked by other employers, after their end, or without being issued', async () => {
    const notice = await serveNotice(test.db);
    const other = await serveNotice(test.db);
    await issue(notice);
    expect(await permits().revoke({ noticeId: notice.noticeId, employerId: other.employerId })).toBe(false);
    expect(await permits().revoke(other)).toBe(false);
    expect(await permits().revoke({ noticeId: 'x', employerId: notice.employerId })).toBe(false);
    await endNow(notice.noticeId);
    expect(await permits().revoke(notice)).toBe(false);
  });

  it('never share a passcode with another permit of the same employer', async () => {
    const first = await serveNotice(test.db);
    const second = await serveNotice(test.db, { to: first.nationalId });
    await issue(first);
    const [{ hash } = { hash: Buffer.alloc(0) }] = await rowsOf(first.noticeId);
    const twice = test.db.query(
      `INSERT INTO permits (notice_id, source_id, employer_id, duration, passcode_hash, passcode_cipher, expires_at)
       VALUES ($1, $2, $3, 'day', $4, '\\x00', now())`,
      [second.noticeId, second.sourceId, second.employerId, hash],
    );
    await expect(twice).rejects.toMatchObject({ code: '23505' });
  });
});

describe('a traced permit', () => {
  const test = useDatabase();
  const traces = useTraces();

  it('hands its trace to the work that expires it', async () => {
    const { noticeId, employerId } = await serveNotice(test.db);
    const permits = createPermits(test.db, SECRET_KEY);
    await inSpan('a form', {}, () => permits.issue({ noticeId, employerId, duration: 'day' }));
    const span = traces.named('a form')[0]?.spanContext();
    expect(await test.db.query(`SELECT trace FROM outbox WHERE queue = 'permits'`)).toEqual([
      { trace: `00-${span?.traceId}-${span?.spanId}-01` },
    ]);
  });
});
