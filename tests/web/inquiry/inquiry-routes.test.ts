import { toPersianDigits } from '../../../core/text/normalise';
import { useApi } from '../../api/test-api';
import { anAttachment, PDF, PNG } from '../../support/fixtures';
import { eventsOf } from '../../support/served-notice';
import { createVisitor, type Visitor } from '../../support/visitor';
import { anOwner, attachmentsOf, issuePermit, type Owner, textOf } from '../owner';

const app = useApi();
let addresses = 0;

/** A government body with an IP address of its own. */
function aBody(): Visitor {
  addresses += 1;
  return createVisitor(app.api.app, '', `198.51.100.${addresses}`);
}

async function inquire(
  body: Visitor,
  { nationalId }: Pick<Owner, 'nationalId'>,
  passcode: string,
  bodyName = 'شهرداری',
) {
  await body.get('/inquiry');
  return body.post('/inquiry', { bodyName, nationalId, passcode });
}

const linksIn = (html: string): string[] =>
  [...html.matchAll(/src="(\/inquiry\/attachments\/[^"]+)"/g)].map(([, link]) =>
    (link as string).replaceAll('&amp;', '&'),
  );

describe('the inquiry panel', () => {
  it('shows the notice of a passcode, its recipient and the last day, and nothing else', async () => {
    const me = await anOwner(app.api, app.db);
    await me.serve({ subject: 'نامه دیگر' });
    const id = await me.serve({ subject: 'نامه مشترک', smsText: 'متن نامه مشترک' });
    const passcode = await issuePermit(me, id);
    const answer = await inquire(aBody(), me, passcode);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    const text = textOf(answer.body);
    for (const words of [
      'نامه مشترک',
      'متن نامه مشترک',
      'شرکت نمونه',
      toPersianDigits(me.nationalId),
      'قابل استعلام تا',
    ])
      expect(text).toContain(words);
    expect(text).not.toContain('نامه دیگر');
    expect(answer.body).not.toContain(passcode);
    expect(answer.body).not.toContain('09121234567');
  });

  it('opens the attachments of that notice only', async () => {
    const me = await anOwner(app.api, app.db);
    const other = await me.serve({ attachments: [anAttachment(PNG, 'b.png')] });
    const id = await me.serve({ attachments: [anAttachment(PDF), anAttachment(PNG, 'a.png')] });
    const body = aBody();
    const { body: html } = await inquire(body, me, await issuePermit(me, id));
    const links = linksIn(html);
    expect(links).toHaveLength(2);
    const pdf = await body.get(links[0] as string);
    expect(pdf.rawPayload.equals(PDF)).toBe(true);
    expect(pdf.headers['content-security-policy']).toContain('sandbox');
    const [file] = await attachmentsOf(app.db, other);
    const wrong = (links[0] as string).replace(/attachments\/[^?]+/, `attachments/${file}`);
    expect((await body.get(wrong)).statusCode).toBe(404);
    expect((await body.get(`/inquiry/attachments/${file}`)).statusCode).toBe(404);
  });

  it('closes the attachments when the permit is revoked', async () => {
    const me = await anOwner(app.api, app.db);
    const id = await me.serve({ attachments: [anAttachment()] });
    const body = aBody();
    const [link = ''] = linksIn((await inquire(body, me, await issuePermit(me, id))).body);
    expect((await body.get(link)).statusCode).toBe(200);
    await me.browser.get(`/inbox/${id}/permit/revoke`);
    await me.browser.post(`/inbox/${id}/permit/revoke`);
    expect((await body.get(link)).statusCode).toBe(404);
  });

  it('names the body in the history of the notice', async () => {
    const me = await anOwner(app.api, app.db);
    const id = await me.serve();
    await inquire(aBody(), me, await issuePermit(me, id), 'اداره ثبت اسناد');
    const text = textOf((await me.browser.get(`/inbox/${id}`)).body);
    expect(text).toContain('استعلام شد: اداره ثبت اسناد');
    expect(await eventsOf(app.db, id)).toMatchObject([
      { type: 'permit.issued' },
      { type: 'inquiry.answered', actor: 'panel' },
      { type: 'notice.viewed' },
    ]);
  });

  it('asks for the name of the body, and keeps the typed values except the passcode', async () => {
    const me = await anOwner(app.api, app.db);
    const passcode = await issuePermit(me, await me.serve());
    const answer = await inquire(aBody(), me, passcode, ' ');
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain('نام دستگاه را بنویسید.');
    expect(answer.body).toContain(me.nationalId);
    expect(answer.body).not.toContain(passcode);
  });

  it('reports a lock-out after too many wrong attempts, also for a correct passcode', async () => {
    const me = await anOwner(app.api, app.db);
    const passcode = await issuePermit(me, await me.serve());
    for (let i = 0; i < 5; i += 1) await inquire(aBody(), me, `000000000${i}`);
    const locked = await inquire(aBody(), me, passcode);
    expect(locked.statusCode).toBe(429);
    expect(Number(locked.headers['retry-after'])).toBeLessThanOrEqual(15 * 60);
    expect(textOf(locked.body)).toContain('استعلام برای مدتی ممکن نیست. ۱۵ دقیقه دیگر دوباره بکوشید.');
    await app.db.query(
      `UPDATE inquiry_locks SET locked_until = now() + interval '5 hours' WHERE subject = $1`,
      [`national ID ${me.nationalId}`],
    );
    expect(textOf((await inquire(aBody(), me, passcode)).body)).toContain('۵ ساعت دیگر');
  });
});
