import { toPersianDigits } from '../../../core/text/normalise';
import { useApi } from '../../api/test-api';
import { anAttachment, PDF, PNG } from '../../support/fixtures';
import { registeredAt } from '../../support/inbox';
import { eventsOf } from '../../support/served-notice';
import { createVisitor } from '../../support/visitor';
import { anOwner, attachmentsOf, issuePermit, textOf } from '../owner';

const app = useApi();
const owner = () => anOwner(app.api, app.db);

describe('the list', () => {
  it('has the twelve columns in order', async () => {
    const me = await owner();
    await me.serve();
    const { body } = await me.browser.get('/inbox');
    const columns = [...body.matchAll(/<th[^>]*>([^<]+)<\/th>/g)].map(([, name]) => name);
    expect(columns).toEqual([
      'شماره پیگیری',
      'تاریخ ارسال',
      'سیستم',
      'موضوع',
      'کد ملی',
      'موبایل',
      'ایمیل',
      'تاریخ مشاهده',
      'مشاهده شده',
      'قابل استعلام تا',
      'کد رمز',
      'عملیات',
    ]);
  });

  it('shows that an alert is pending, that there is no permit, and how many notices are not viewed', async () => {
    const me = await owner();
    const id = await me.serve({ subject: 'فرم شماره ۱' });
    await me.serve();
    const { body } = await me.browser.get('/inbox');
    expect(textOf(body)).toContain('در انتظار ارسال');
    expect(textOf(body)).toContain('ندارد');
    expect(textOf(body)).toContain(toPersianDigits(me.nationalId));
    expect(body).toContain('<bdi dir="ltr">employer@<wbr/>example.ir</bdi>');
    expect(body).toContain('<title>(۲) صندوق مکاتبات');
    await app.db.query('UPDATE notices SET first_viewed_at = now() WHERE id = $1', [id]);
    const viewed = (await me.browser.get('/inbox')).body;
    expect(textOf(viewed)).toContain('✓');
    expect(viewed).toContain('<title>(۱) صندوق مکاتبات');
  });

  it('says that no notice was served yet, not that all are viewed', async () => {
    const me = await owner();
    const text = textOf((await me.browser.get('/inbox')).body);
    expect(text).toContain('هنوز مکاتبه‌ای برای شما ثبت نشده است.');
    expect(text).not.toContain('همه مکاتبات مشاهده شده است');
  });

  it('offers to issue a permit or to revoke it, never both', async () => {
    const me = await owner();
    const id = await me.serve();
    const before = textOf((await me.browser.get('/inbox')).body);
    expect(before).toContain('صدور مجوز استعلام');
    expect(before).not.toContain('لغو مجوز استعلام');
    const passcode = await issuePermit(me, id);
    const after = textOf((await me.browser.get('/inbox')).body);
    expect(after).toContain(toPersianDigits(passcode));
    expect(after).toContain('لغو مجوز استعلام');
    expect(after).not.toContain('صدور مجوز استعلام');
  });

  it('says that a permit has expired, and no longer shows its passcode', async () => {
    const me = await owner();
    const id = await me.serve();
    const passcode = await issuePermit(me, id);
    await app.db.query(`UPDATE permits SET expires_at = '2025-03-20T20:30:00Z' WHERE notice_id = $1`, [id]);
    const text = textOf((await me.browser.get('/inbox')).body);
    expect(text).toContain('مهلت مجوز در ۱۴۰۳/۱۲/۳۰ به پایان رسید');
    expect(text).not.toContain(toPersianDigits(passcode));
    expect(text).toContain('صدور مجوز استعلام');
  });

  it('opens the national cartable in a tab without access to this one', async () => {
    const me = await owner();
    await me.serve();
    const { body } = await me.browser.get('/inbox');
    const link = /<a href="https:\/\/inbox\.iran\.gov\.ir\/"[^>]*>/.exec(body)?.[0];
    expect(link).toContain('target="_blank"');
    expect(link).toContain('rel="noopener noreferrer"');
  });

  it('links to the legacy portal for a notice of 1398/03/31, and shows none of its content', async () => {
    const me = await owner();
    const id = await me.serve({ smsText: 'متن پیامک قدیمی' });
    await registeredAt(app.db, id, '2019-06-21T19:29:59Z');
    const list = (await me.browser.get('/inbox')).body;
    expect(list).toContain('href="https://portal.tamin.ir"');
    expect(textOf(list)).not.toContain('رویت مکاتبه');
    expect(textOf(list)).not.toContain('صدور مجوز استعلام');
    const page = textOf((await me.browser.get(`/inbox/${id}`)).body);
    expect(page).toContain('سامانه قبلی');
    expect(page).not.toContain('متن پیامک قدیمی');
    expect(await eventsOf(app.db, id)).toEqual([]);
    expect((await me.browser.get(`/inbox/${id}/permit`)).statusCode).toBe(404);
  });

  it('has links to the other pages that keep the filters', async () => {
    const me = await owner();
    for (let i = 0; i < 11; i += 1) await me.serve({ subject: `نامه ${i}` });
    const first = await me.browser.get('/inbox?q=%D9%86%D8%A7%D9%85%D9%87&viewed=no');
    const older = /rel="next" href="([^"]+)"/.exec(first.body)?.[1]?.replaceAll('&amp;', '&') as string;
    expect(older).toContain('viewed=no');
    const second = await me.browser.get(older);
    expect(textOf(second.body)).toContain('نامه 0');
    expect(textOf(second.body)).not.toContain('نامه 1');
    expect(second.body).toContain('rel="prev"');
  });

  it('filters by Jalali dates, both days included, and shows an error at an invalid date', async () => {
    const me = await owner();
    const id = await me.serve({ subject: 'نامه آن روز' });
    await registeredAt(app.db, id, '2025-03-21T20:29:59Z');
    const found = async (query: string) =>
      textOf((await me.browser.get(`/inbox?${query}`)).body).includes('نامه آن روز');
    expect(await found('from=۱۴۰۴/۰۱/۰۱&to=1404-1-1')).toBe(true);
    expect(await found('to=1403/12/30')).toBe(false);
    expect(await found('from=1404/01/02')).toBe(false);
    const faulty = (await me.browser.get('/inbox?from=1404/13/01&to=1404/01/01')).body;
    expect(faulty).toContain('تاریخ را مانند ۱۴۰۳/۰۱/۲۱ بنویسید.');
    expect(faulty).toContain('aria-invalid="true"');
  });

  it('names the workshops without an agreement, and sends the employer to the branch office', async () => {
    const me = await owner();
    await app.db.query(
      `INSERT INTO workshops (employer_id, code, name) VALUES ($1, '0987654321', 'انبار دور')`,
      [me.employerId],
    );
    const text = textOf((await me.browser.get('/inbox')).body);
    expect(text).toContain('میبایست به شعبه سازمان تامین اجتماعی مربوطه مراجعه نموده');
    expect(text).toContain('انبار دور');
    expect(text).toContain('۰۹۸۷۶۵۴۳۲۱');
  });

  it('redirects to the login without a session', async () => {
    const { statusCode, headers } = await createVisitor(app.api.app).get('/inbox?q=1');
    expect(statusCode).toBe(303);
    expect(headers.location).toBe('/login?next=%2Finbox%3Fq%3D1');
  });
});

describe('a notice', () => {
  it('shows its text, PDF and picture, each only if it exists', async () => {
    const me = await owner();
    const plain = (await me.browser.get(`/inbox/${await me.serve({ smsText: 'متن یک' })}`)).body;
    expect(textOf(plain)).toContain('متن یک');
    expect(plain).not.toMatch(/<iframe|<img/);
    const id = await me.serve({ attachments: [anAttachment(PDF), anAttachment(PNG, 'a.png')] });
    const [pdf, picture] = await attachmentsOf(app.db, id);
    const full = (await me.browser.get(`/inbox/${id}`)).body;
    expect(full).toContain(`<iframe class="sheet" src="/inbox/${id}/attachments/${pdf}"`);
    expect(full).toContain(`<img class="picture" src="/inbox/${id}/attachments/${picture}"`);
  });

  it('is recorded as viewed before it is shown, and a prefetch is no view', async () => {
    const me = await owner();
    const id = await me.serve();
    await me.browser.get(`/inbox/${id}`, { 'sec-purpose': 'prefetch;prerender' });
    await app.api.app.inject({ method: 'HEAD', url: `/inbox/${id}`, cookies: { ablagh: me.browser.token } });
    expect(await eventsOf(app.db, id)).toEqual([]);
    const { body } = await me.browser.get(`/inbox/${id}`);
    expect(await eventsOf(app.db, id)).toMatchObject([{ type: 'notice.viewed', actor: 'employer' }]);
    expect(textOf(body)).toContain('مکاتبه مشاهده شد');
    expect(textOf(body)).toContain('تاریخ مشاهده (ابلاغ واقعی)');
  });

  it('is not shown, with its files, while the view cannot be recorded', async () => {
    const me = await owner();
    const id = await me.serve({ smsText: 'متنی که دیده نمی‌شود', attachments: [anAttachment(PDF)] });
    const [file] = await attachmentsOf(app.db, id);
    await app.db.query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'no record today' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION refuse()`);
    try {
      const page = await me.browser.get(`/inbox/${id}`);
      expect([page.statusCode, textOf(page.body)]).toEqual([503, expect.not.stringContaining('دیده نمی‌شود')]);
      const attachment = await me.browser.get(`/inbox/${id}/attachments/${file}`);
      expect([attachment.statusCode, attachment.rawPayload.includes(PDF)]).toEqual([503, false]);
    } finally {
      await app.db.query('DROP FUNCTION refuse() CASCADE');
    }
    expect(textOf((await me.browser.get(`/inbox/${id}`)).body)).toContain('متنی که دیده نمی‌شود');
  });

  it('shows the last day to object, if its kind has a rule', async () => {
    const me = await owner();
    const id = await me.serve({ kind: 'debt-notice' });
    await registeredAt(app.db, id, '2024-04-09T20:00:00Z');
    const text = textOf((await me.browser.get(`/inbox/${id}`)).body);
    expect(text).toContain('آخرین روز اعتراض به اعلامیه بدهی ۱۴۰۳/۰۲/۲۰');
    expect(text).toContain('ماده ۴۲ قانون تأمین اجتماعی');
  });
});

describe('an attachment', () => {
  it('is sent under its verified type, and can run nothing', async () => {
    const me = await owner();
    const id = await me.serve({ attachments: [anAttachment(PDF, 'فرم "۱".pdf')] });
    const [file] = await attachmentsOf(app.db, id);
    const { headers, rawPayload } = await me.browser.get(`/inbox/${id}/attachments/${file}`);
    expect(rawPayload.equals(PDF)).toBe(true);
    expect(headers).toMatchObject({
      'content-type': 'application/pdf',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*sandbox.*frame-ancestors 'self'/);
    expect(headers['content-disposition']).toBe(
      `inline; filename="___ ___.pdf"; filename*=UTF-8''${encodeURIComponent('فرم "۱".pdf')}`,
    );
    const download = await me.browser.get(`/inbox/${id}/attachments/${file}?download=1`);
    expect(download.headers['content-disposition']).toMatch(/^attachment; /);
  });

  it('is recorded as an event when it is opened', async () => {
    const me = await owner();
    const id = await me.serve({ attachments: [anAttachment()] });
    const [file] = await attachmentsOf(app.db, id);
    await me.browser.get(`/inbox/${id}/attachments/${file}`);
    expect(await eventsOf(app.db, id)).toMatchObject([{ type: 'attachment.opened', actor: 'employer' }]);
  });
});
