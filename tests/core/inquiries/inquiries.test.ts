import { createInquiries, type Inquiry, type InquiryOptions } from '../../../core/inquiries/inquiries';
import { createPermits } from '../../../core/permits/permits';
import { toPersianDigits } from '../../../core/text/normalise';
import { useDatabase } from '../../support/database';
import { anAttachment, PNG } from '../../support/fixtures';
import { lockWaits } from '../../support/lock-waits';
import { eventsOf, type ServedNotice, serveNotice } from '../../support/served-notice';
import { until } from '../../support/until';

const SECRET_KEY = 'a secret of more than thirty-two bytes';

let addresses = 0;
const anAddress = () => {
  addresses += 1;
  return `192.0.${addresses >> 8}.${addresses & 255}`;
};

describe('inquiries', () => {
  const test = useDatabase({ max: 20 });
  const permits = () => createPermits(test.db, SECRET_KEY);
  const inquiries = (options: InquiryOptions = {}) =>
    createInquiries(test.db, SECRET_KEY, { refusalMs: 0, ...options });

  const shared = async (served: Parameters<typeof serveNotice>[1] = {}) => {
    const notice = await serveNotice(test.db, served);
    const issued = await permits().issue({ ...notice, duration: 'week' });
    return { ...notice, ...(issued as NonNullable<typeof issued>) };
  };
  const inquiryFor = (
    of: { nationalId: string; passcode: string },
    more: Partial<Inquiry> = {},
  ): Inquiry => ({
    nationalId: of.nationalId,
    passcode: of.passcode,
    bodyName: 'اداره ثبت',
    address: anAddress(),
    actor: 'panel',
    ...more,
  });
  const inquire = (inquiry: Inquiry, options?: InquiryOptions) => inquiries(options).answer(inquiry);
  const refusalOf = async (inquiry: Inquiry): Promise<string> => {
    const error = await inquire(inquiry).then(
      () => ({ code: 'answered' }),
      (thrown: { code: string }) => thrown,
    );
    return error.code;
  };
  const records = (nationalId: string) =>
    test.db.query<{ outcome: string; body: string; address: string; permitId: string | null; actor: string }>(
      `SELECT outcome, body_name AS body, address, permit_id AS "permitId", actor FROM inquiries
        WHERE national_id = $1 ORDER BY at, id`,
      [nationalId],
    );

  it('are answered with the notice the permit is for, and nothing else', async () => {
    const attachments = [anAttachment(), anAttachment(PNG, 'seal.png')];
    const notice = await shared({ attachments, smsText: 'متن پیامک' });
    const answer = await inquire(inquiryFor(notice));
    const [row] = await test.db.query<{ registeredAt: Date; title: string }>(
      `SELECT n.registered_at AS "registeredAt", s.title FROM notices n JOIN source_systems s ON s.id = n.source_id
        WHERE n.id = $1`,
      [notice.noticeId],
    );
    expect(answer).toEqual({
      id: notice.noticeId,
      trackingNumber: notice.trackingNumber,
      subject: 'اعلام سابقه',
      smsText: 'متن پیامک',
      sourceTitle: row?.title,
      recipientName: 'شرکت نمونه',
      nationalId: notice.nationalId,
      registeredAt: row?.registeredAt,
      inquirableUntil: notice.expiresAt,
      attachments: [
        {
          id: notice.attachmentIds[0],
          fileName: 'form-1.pdf',
          contentType: 'application/pdf',
          size: expect.any(Number),
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
          removedAt: null,
        },
        {
          id: notice.attachmentIds[1],
          fileName: 'seal.png',
          contentType: 'image/png',
          size: PNG.length,
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
          removedAt: null,
        },
      ],
      pass: expect.stringMatching(/^[A-Za-z0-9_-]{64}$/),
    });
  });

  it('accept numbers however they are typed', async () => {
    const notice = await shared();
    const { nationalId, passcode } = notice;
    const typed = [
      { nationalId: toPersianDigits(nationalId), passcode: toPersianDigits(passcode) },
      {
        nationalId: `${nationalId.slice(0, 3)}-${nationalId.slice(3)}`,
        passcode: ` ${passcode.slice(0, 5)} ${passcode.slice(5)}\u200f`,
      },
      {
        nationalId: nationalId.replace(/\d/g, (digit) => String.fromCodePoint(0x660 + Number(digit))),
        passcode,
      },
    ];
    for (const numbers of typed) {
      expect(await inquire(inquiryFor(notice, numbers))).toMatchObject({ id: notice.noticeId });
    }
  });

  it('are refused in the same way whatever is wrong', async () => {
    const expired = await shared();
    await test.db.query('UPDATE permits SET expires_at = now() WHERE id = $1', [expired.permitId]);
    const revoked = await shared();
    await permits().revoke(revoked);
    const never = await serveNotice(test.db);
    const [right, other] = [await shared(), await shared()];
    const nobody = '0084575948';
    const wrong: Inquiry[] = [
      inquiryFor(expired),
      inquiryFor(revoked),
      inquiryFor({ ...never, passcode: '1234567890' }),
      inquiryFor({
        ...right,
        passcode: right.passcode.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10)),
      }),
      inquiryFor({ ...right, nationalId: expired.nationalId }),
      inquiryFor({ ...right, nationalId: nobody }),
      inquiryFor({ ...right, nationalId: 'هیچ' }),
      inquiryFor({ ...right, nationalId: '' }),
      inquiryFor({ ...right, nationalId: '\u0000' }),
      inquiryFor({ ...other, passcode: '' }),
      inquiryFor({ ...other, passcode: '\u0000'.repeat(10) }),
      inquiryFor({ ...other, passcode: '1'.repeat(10_000) }),
      inquiryFor({ ...other, passcode: "' OR '1'='1" }),
    ];
    const answers = new Set<string>();
    for (const inquiry of wrong) {
      const error = await inquire(inquiry).catch((thrown: Error & { code: string }) => thrown);
      const { code, message } = error as Error & { code: string };
      answers.add(JSON.stringify({ code, message, error: { ...error } }));
    }
    expect([...answers]).toEqual([expect.stringContaining('"code":"no_permit"')]);
    expect(await inquire(inquiryFor(right))).toMatchObject({ id: right.noticeId });
  });

  it('take the same time for every refusal', async () => {
    const notice = await shared();
    const times: number[] = [];
    for (const nationalId of [notice.nationalId, '0084575948', 'x']) {
      const began = performance.now();
      await expect(inquire(inquiryFor({ nationalId, passcode: '1' }), { refusalMs: 120 })).rejects.toThrow();
      times.push(performance.now() - began);
    }
    for (const time of times) expect(time).toBeGreaterThan(118);
  });

  it('are refused after the end of a permit, also before it is marked as expired', async () => {
    const notice = await shared();
    await test.db.query(`UPDATE permits SET expires_at = now() + interval '1 hour' WHERE id = $1`, [
      notice.permitId,
    ]);
    expect(await refusalOf(inquiryFor(notice))).toBe('answered');
    await test.db.query(`UPDATE permits SET expires_at = now() WHERE id = $1`, [notice.permitId]);
    expect(await refusalOf(inquiryFor(notice))).toBe('no_permit');
  });

  it('are recorded, right or wrong, also in the history of the notice', async () => {
    const notice = await shared();
    const address = anAddress();
    await inquire(inquiryFor(notice, { address, actor: 'source:court' }));
    await refusalOf(inquiryFor({ ...notice, passcode: '0' }, { address }));
    await permits().revoke(notice);
    await refusalOf(inquiryFor(notice, { address, bodyName: '<b>شهرداری</b>' }));
    expect(await records(notice.nationalId)).toEqual([
      { outcome: 'answered', body: 'اداره ثبت', address, permitId: notice.permitId, actor: 'source:court' },
      { outcome: 'no_permit', body: 'اداره ثبت', address, permitId: null, actor: 'panel' },
      { outcome: 'no_permit', body: '<b>شهرداری</b>', address, permitId: notice.permitId, actor: 'panel' },
    ]);
    const history = await eventsOf(test.db, notice.noticeId);
    const inquiryId = expect.any(String);
    const { permitId } = notice;
    expect(
      history
        .map(({ type, actor, data }) => [type, actor, data])
        .filter(([type]) => String(type).startsWith('inquiry')),
    ).toEqual([
      ['inquiry.answered', 'source:court', { body: 'اداره ثبت', inquiryId, permitId }],
      ['inquiry.refused', 'panel', { body: '<b>شهرداری</b>', code: 'no_permit', inquiryId, permitId }],
    ]);
  });

  it('write the passcode to no table', async () => {
    const notice = await shared();
    const wrong = notice.passcode.split('').reverse().join('');
    await inquire(inquiryFor(notice));
    await refusalOf(inquiryFor({ ...notice, passcode: wrong }));
    for (const table of ['inquiries', 'events', 'alerts', 'outbox', 'inquiry_locks']) {
      const rows = await test.db.query<{ text: string }>(`SELECT t::text AS text FROM ${table} t`);
      expect(rows.filter(({ text }) => text.includes(notice.passcode) || text.includes(wrong))).toEqual([]);
    }
  });

  it('need the name of the government body', async () => {
    const notice = await shared();
    for (const bodyName of ['', '  ', 'x'.repeat(201), 'a\nb', '\u0000']) {
      await expect(inquire(inquiryFor(notice, { bodyName }))).rejects.toMatchObject({
        code: 'invalid_request',
        faults: [{ path: 'bodyName' }],
      });
    }
    expect(await records(notice.nationalId)).toEqual([]);
  });

  it('are committed before a revocation that arrives while they run', async () => {
    const notice = await shared();
    let revoked = Promise.resolve(false);
    const inquired = await test.db.transaction(async (trx) => {
      // The inquiry finds its permit, and waits for this lock before it is recorded.
      await trx.query('LOCK TABLE inquiries IN EXCLUSIVE MODE');
      const running = refusalOf(inquiryFor(notice));
      await until(async () => (await lockWaits(test.db)) === 1);
      let over = false;
      revoked = permits()
        .revoke(notice)
        .finally(() => {
          over = true;
        });
      await until(async () => over || (await lockWaits(test.db)) === 2);
      return { running };
    });
    expect([await inquired.running, await revoked]).toEqual(['answered', true]);
    expect((await eventsOf(test.db, notice.noticeId)).map(({ type }) => type)).toEqual([
      'permit.issued',
      'inquiry.answered',
      'permit.revoked',
    ]);
  });

  it('wait for a revocation that started before them, and are refused', async () => {
    const notice = await shared();
    const { running } = await test.db.transaction(async (trx) => {
      await trx.query(`UPDATE permits SET state = 'revoked', passcode_cipher = NULL WHERE id = $1`, [
        notice.permitId,
      ]);
      const begun = { running: refusalOf(inquiryFor(notice)) };
      await until(async () => (await lockWaits(test.db)) === 1);
      return begun;
    });
    expect(await running).toBe('no_permit');
  });

  describe('and their attachments', () => {
    const opened = async (of: ServedNotice & { passcode: string }, attachmentId: string) => {
      const { pass } = await inquire(inquiryFor(of));
      return inquiries().openAttachment(pass, attachmentId);
    };

    it('open with the pass, for that notice only', async () => {
      const notice = await shared({ attachments: [anAttachment()] });
      const other = await shared({ attachments: [anAttachment()], to: notice.nationalId });
      const [mine] = notice.attachmentIds as [string];
      expect(await opened(notice, mine)).toEqual({
        noticeId: notice.noticeId,
        fileName: 'form-1.pdf',
        contentType: 'application/pdf',
        size: expect.any(Number),
      });
      expect(await opened(notice, other.attachmentIds[0] as string)).toBeNull();
      expect(await opened(notice, 'x')).toBeNull();
      expect(await inquiries().openAttachment('forged', mine)).toBeNull();
    });

    it.each([
      [
        'ten minutes are over',
        `UPDATE inquiries SET at = now() - interval '10 minutes' WHERE permit_id = $1`,
      ],
      ['the permit is over', 'UPDATE permits SET expires_at = now() WHERE id = $1'],
      [
        'the permit was revoked',
        `UPDATE permits SET state = 'revoked', passcode_cipher = NULL WHERE id = $1`,
      ],
    ])('are closed once %s', async (_, change) => {
      const notice = await shared({ attachments: [anAttachment()] });
      const { pass } = await inquire(inquiryFor(notice));
      const open = () => inquiries().openAttachment(pass, notice.attachmentIds[0] as string);
      expect(await open()).not.toBeNull();
      await test.db.query(change, [notice.permitId]);
      expect(await open()).toBeNull();
    });
  });

  describe('inform the owner', () => {
    const smsOf = (noticeId: string) =>
      test.db.query<{ address: string; text: string; lane: string; queue: string }>(
        `SELECT a.address, a.text, a.lane, o.queue FROM alerts a JOIN outbox o ON a.id = ANY(o.subject_ids) AND o.queue LIKE 'sms%'
          WHERE a.notice_id = $1 AND a.text IS NOT NULL`,
        [noticeId],
      );

    it('by an urgent SMS about the first inquiry with each permit, without a link or the typed name', async () => {
      const notice = await shared();
      const inquiry = inquiryFor(notice, { bodyName: 'بانک www.example.ir' });
      await Promise.all(Array.from({ length: 4 }, () => inquire(inquiry, { ownerSms: { suffix: 'لغو۱۱' } })));
      const [sms, ...more] = await smsOf(notice.noticeId);
      expect(more).toEqual([]);
      expect(sms).toMatchObject({ address: '+989121234567', lane: 'urgent', queue: 'sms-urgent' });
      expect(sms?.text).toContain(`شرکت نمونه\nابلاغیه شماره ${notice.trackingNumber} `);
      expect(sms?.text).toMatch(/\nلغو۱۱$/);
      expect(sms?.text).not.toContain('example');
      await permits().revoke(notice);
      const again = await permits().issue({ ...notice, duration: 'day' });
      await inquire(inquiryFor({ ...notice, passcode: again?.passcode as string }));
      expect(await smsOf(notice.noticeId)).toHaveLength(2);
    });

    it('without the owner’s name when a phone would show it as a link', async () => {
      const notice = await shared();
      await test.db.query("UPDATE employers SET name = 'شرکت example.ir' WHERE national_id = $1", [
        notice.nationalId,
      ]);
      await inquire(inquiryFor(notice));
      const [sms] = await smsOf(notice.noticeId);
      expect(sms?.text).toMatch(/^کارفرمای گرامی\nابلاغیه/);
    });

    it('not at all when the configuration disables it, or no inquiry was answered', async () => {
      const notice = await shared();
      await refusalOf(inquiryFor({ ...notice, passcode: '1' }));
      await inquire(inquiryFor(notice), { ownerSms: null });
      await inquire(inquiryFor(notice));
      expect(await smsOf(notice.noticeId)).toEqual([]);
    });

    it('not at all without a known mobile, and are answered all the same', async () => {
      const notice = await shared();
      await test.db.query('UPDATE employers SET mobile = NULL WHERE national_id = $1', [notice.nationalId]);
      await test.db.query('DELETE FROM alerts WHERE notice_id = $1', [notice.noticeId]);
      expect(await refusalOf(inquiryFor(notice))).toBe('answered');
      expect(await smsOf(notice.noticeId)).toEqual([]);
    });
  });
});
