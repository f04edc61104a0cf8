import { createSessions } from '../../core/sessions/sessions';
import { toPersianDigits } from '../../core/text/normalise';
import { useApi } from '../api/test-api';
import { anAttachment, PDF } from '../support/fixtures';
import { eventsOf } from '../support/served-notice';
import { createVisitor, startSession, type Visitor } from '../support/visitor';
import { anOwner, attachmentsOf, issuePermit, type Owner, textOf } from './owner';

const app = useApi();
const owner = () => anOwner(app.api, app.db);
let addresses = 0;

/** A government body with an IP address of its own, which has opened the form. */
async function atThePanel(): Promise<Visitor> {
  addresses += 1;
  const body = createVisitor(app.api.app, '', `203.0.113.${addresses}`);
  await body.get('/inquiry');
  return body;
}

const inquire = async ({ nationalId }: Pick<Owner, 'nationalId'>, passcode: string, bodyName = 'شهرداری') =>
  (await atThePanel()).post('/inquiry', { bodyName, nationalId, passcode });

describe("another employer's notice, attachment and permit", () => {
  it.each([
    ['notice', 'GET', ''],
    ['attachment', 'GET', '/attachments/FILE'],
    ['form for a permit', 'GET', '/permit'],
    ['passcode', 'GET', '/permit/issued'],
    ['form to revoke', 'GET', '/permit/revoke'],
    ['message that it is revoked', 'GET', '/permit/revoked'],
    ['permit, to issue', 'POST', '/permit'],
    ['permit, to revoke', 'POST', '/permit/revoke'],
  ])('look absent: the %s is answered with 404 and logged by ids', async (_, method, path) => {
    const [me, victim] = [await owner(), await owner()];
    const id = await victim.serve({ attachments: [anAttachment()] });
    const passcode = await issuePermit(victim, id);
    const [file] = await attachmentsOf(app.db, id);
    const before = await eventsOf(app.db, id);
    await me.browser.get(`/inbox/${await me.serve()}/permit`);
    const url = `/inbox/${id}${path.replace('FILE', file as string)}`;
    const answer =
      method === 'GET' ? await me.browser.get(url) : await me.browser.post(url, { duration: 'day' });
    expect(answer.statusCode).toBe(404);
    expect(answer.headers['content-type']).toMatch(/^text\/html/);
    expect(answer.body).not.toContain(passcode);
    expect(await eventsOf(app.db, id)).toEqual(before);
    expect(app.api.logged).toContainEqual(
      expect.objectContaining({
        level: 40,
        employerId: me.employerId,
        noticeId: id,
        msg: 'requested a notice or attachment that is not theirs',
      }),
    );
  });

  it('cannot be reached through an own notice', async () => {
    const [me, victim] = [await owner(), await owner()];
    const [file] = await attachmentsOf(app.db, await victim.serve({ attachments: [anAttachment()] }));
    const mine = await me.serve({ attachments: [anAttachment()] });
    expect((await me.browser.get(`/inbox/${mine}/attachments/${file}`)).statusCode).toBe(404);
    const [own] = await attachmentsOf(app.db, mine);
    const another = await me.serve();
    expect((await me.browser.get(`/inbox/${another}/attachments/${own}`)).statusCode).toBe(404);
  });

  it.each(['1', "'", '%00', '../../etc/passwd', '00000000-0000-0000-0000-000000000000'])(
    'are not found by %s',
    async (id) => {
      const me = await owner();
      const answer = await me.browser.get(`/inbox/${encodeURIComponent(id)}`);
      expect([400, 404]).toContain(answer.statusCode);
    },
  );
});

describe('a form', () => {
  it.each([
    ['without its token', ''],
    ['with an invented token', 'x'.repeat(43)],
  ])('%s is refused, and changes nothing', async (_, csrf) => {
    const me = await owner();
    const id = await me.serve();
    const answer = await me.browser.post(`/inbox/${id}/permit`, { duration: 'day', csrf });
    expect(answer.statusCode).toBe(403);
    expect(await eventsOf(app.db, id)).toEqual([]);
  });

  it('made for another visitor is refused', async () => {
    const [me, other] = [await owner(), await owner()];
    const id = await me.serve();
    await other.browser.get(`/inbox/${await other.serve()}/permit`);
    const answer = await me.browser.post(`/inbox/${id}/permit`, {
      duration: 'day',
      csrf: other.browser.csrf,
    });
    expect(answer.statusCode).toBe(403);
    expect(await eventsOf(app.db, id)).toEqual([]);
  });

  it('replayed in a later session is refused', async () => {
    const me = await owner();
    const id = await me.serve();
    await me.browser.get(`/inbox/${id}/permit`);
    const old = me.browser.csrf;
    await createSessions(app.db).end(me.browser.token);
    me.browser.token = await startSession(app.db, me.nationalId);
    const answer = await me.browser.post(`/inbox/${id}/permit`, { duration: 'day', csrf: old });
    expect(answer.statusCode).toBe(403);
    expect(await eventsOf(app.db, id)).toEqual([]);
  });

  it('of the panel is refused when it was sent from another site', async () => {
    const me = await owner();
    const passcode = await issuePermit(me, await me.serve());
    const body = await atThePanel();
    const answer = await body.post(
      '/inquiry',
      { bodyName: 'شهرداری', nationalId: me.nationalId, passcode },
      { 'sec-fetch-site': 'cross-site' },
    );
    expect(answer.statusCode).toBe(403);
  });
});

describe('script', () => {
  const SCRIPT = '<script>alert(1)</script>"><img src=x onerror=alert(2)>';
  const html = SCRIPT.replaceAll('<', '&lt;').replaceAll('"', '&quot;');

  it('in a subject, a text and a file name is shown as text', async () => {
    const me = await owner();
    const fileName = '"><script>alert(3)<.pdf';
    const id = await me.serve({
      subject: SCRIPT,
      smsText: SCRIPT,
      attachments: [anAttachment(PDF, fileName)],
    });
    const list = (await me.browser.get('/inbox')).body;
    const page = (await me.browser.get(`/inbox/${id}`)).body;
    for (const body of [list, page]) {
      expect(body).toContain(html);
      expect(body).not.toMatch(/<script>|<img src=x/);
    }
    expect(page).toContain('&quot;>&lt;script>alert(3)&lt;.pdf');
    const [file] = await attachmentsOf(app.db, id);
    const { headers } = await me.browser.get(`/inbox/${id}/attachments/${file}`);
    expect(headers['content-disposition']).toMatch(
      /^inline; filename="[\w. -]+"; filename\*=UTF-8''[\w.%-]+$/,
    );
  });

  it('in the name of a body is shown as text to the owner and to the body', async () => {
    const me = await owner();
    const id = await me.serve();
    const refused = await inquire(me, '0000000000', SCRIPT);
    expect(refused.body).toContain(html);
    expect(refused.body).not.toMatch(/<script>|<img src=x/);
    await inquire(me, await issuePermit(me, id), SCRIPT);
    const history = (await me.browser.get(`/inbox/${id}`)).body;
    expect(history).toContain(html);
    expect(history).not.toMatch(/<script>|<img src=x/);
  });

  it('in a search is shown as text', async () => {
    const me = await owner();
    const { body } = await me.browser.get(`/inbox?q=${encodeURIComponent(SCRIPT)}`);
    expect(body).toContain('&quot;>&lt;img');
    expect(body).not.toMatch(/<script>|<img src=x/);
  });

  it('could not run: pages run only files of this server', async () => {
    const me = await owner();
    for (const url of ['/inbox', `/inbox/${await me.serve()}`, '/inquiry']) {
      const policy = String((await me.browser.get(url)).headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|\*|data:/);
    }
  });
});

describe('a number', () => {
  const arabic = (digits: string) => digits.replace(/\d/g, (digit) => '٠١٢٣٤٥٦٧٨٩'[Number(digit)] as string);

  it.each([
    ['Persian digits', toPersianDigits],
    ['Arabic digits', arabic],
    ['mixed digits', (digits: string) => toPersianDigits(digits.slice(0, 5)) + arabic(digits.slice(5))],
    [
      'spaces and dashes',
      (digits: string) => ` ${digits.slice(0, 3)}-${digits.slice(3, 6)} ${digits.slice(6)} `,
    ],
    ['bidi marks', (digits: string) => `\u200f${digits}\u200e`],
  ])('is accepted in %s', async (_, write) => {
    const me = await owner();
    const id = await me.serve({ subject: 'نامه من' });
    const passcode = await issuePermit(me, id);
    const answer = await inquire({ nationalId: write(me.nationalId) }, write(passcode));
    expect(answer.statusCode).toBe(200);
    expect(textOf(answer.body)).toContain('نامه من');
    const [{ number } = { number: '' }] = await app.db.query<{ number: string }>(
      'SELECT tracking_number::text AS number FROM notices WHERE id = $1',
      [id],
    );
    const found = await me.browser.get(`/inbox?q=${encodeURIComponent(write(number))}`);
    expect(textOf(found.body)).toContain('نامه من');
  });
});

describe('an invalid passcode', () => {
  it('gets the same answer, whether expired, revoked, never issued, mistyped or of another employer', async () => {
    const me = await owner();
    const [expired, revoked, live] = [await me.serve(), await me.serve(), await me.serve()];
    const ended = await issuePermit(me, expired);
    await app.db.query('UPDATE permits SET expires_at = now() WHERE notice_id = $1', [expired]);
    const withdrawn = await issuePermit(me, revoked);
    await me.browser.get(`/inbox/${revoked}/permit/revoke`);
    await me.browser.post(`/inbox/${revoked}/permit/revoke`);
    const right = await issuePermit(me, live);
    const mistyped = right.slice(0, 9) + ((Number(right[9]) + 1) % 10);
    const attempts: [Pick<Owner, 'nationalId'>, string][] = [
      [me, ended],
      [me, withdrawn],
      [me, '1234567890'],
      [me, mistyped],
      [await owner(), right],
      [{ nationalId: '0499370898' }, right],
    ];
    const answers = [];
    for (const [whose, passcode] of attempts) {
      const { statusCode, body } = await inquire(whose, passcode);
      answers.push([statusCode, textOf(body)]);
    }
    const [first] = answers;
    expect(first).toEqual([404, expect.stringContaining('مجوز استعلام معتبری وجود ندارد')]);
    expect(answers).toEqual(answers.map(() => first));
  });
});

describe('two requests at once', () => {
  it('from several tabs issue one permit, and all lead to its passcode', async () => {
    const me = await owner();
    const id = await me.serve();
    await me.browser.get(`/inbox/${id}/permit`);
    const send = () => me.browser.post(`/inbox/${id}/permit`, { duration: 'day' });
    const answers = await Promise.all([send(), send(), send()]);
    expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([303, 409, 409]);
    const late = answers.find(({ statusCode }) => statusCode === 409);
    expect(late?.body).toContain(`/inbox/${id}/permit/issued`);
    expect((await eventsOf(app.db, id)).map(({ type }) => type)).toEqual(['permit.issued']);
  });

  it('to inquire and to revoke take effect one after the other, in the order of the record', async () => {
    const me = await owner();
    const id = await me.serve();
    const passcode = await issuePermit(me, id);
    const body = await atThePanel();
    await me.browser.get(`/inbox/${id}/permit/revoke`);
    const [inquired, revoked] = await Promise.all([
      body.post('/inquiry', { bodyName: 'شهرداری', nationalId: me.nationalId, passcode }),
      me.browser.post(`/inbox/${id}/permit/revoke`),
    ]);
    expect(revoked.statusCode).toBe(303);
    const order = (await eventsOf(app.db, id)).map(({ type }) => type).slice(1);
    expect(order).toEqual(
      inquired.statusCode === 200
        ? ['inquiry.answered', 'permit.revoked']
        : ['permit.revoked', 'inquiry.refused'],
    );
    expect((await inquire(me, passcode)).statusCode).toBe(404);
  });
});

describe('after a logout', () => {
  it('browsers have stored no page of the session, and no page is answered any more', async () => {
    const me = await owner();
    const id = await me.serve({ attachments: [anAttachment()] });
    await issuePermit(me, id);
    const [file] = await attachmentsOf(app.db, id);
    const urls = [
      '/inbox',
      `/inbox/${id}`,
      `/inbox/${id}/permit`,
      `/inbox/${id}/permit/issued`,
      `/inbox/${id}/permit/revoke`,
      `/inbox/${id}/attachments/${file}`,
    ];
    for (const url of urls) expect((await me.browser.get(url)).headers['cache-control']).toBe('no-store');
    const kept = me.browser.token;
    await me.browser.post('/logout');
    const stolen = createVisitor(app.api.app, kept);
    for (const url of urls) expect((await stolen.get(url)).statusCode).toBe(303);
  });
});
