import { loadConfig } from '../../../core/platform/config';
import { createCodeSecrets } from '../../../core/sessions/code-secrets';
import { createSessions } from '../../../core/sessions/sessions';
import { SECRET_KEY, startTestApi, useApi } from '../../api/test-api';
import { nationalId, registerEmployer } from '../../support/fixtures';
import { createVisitor, startSession, type Visitor } from '../../support/visitor';

const test = useApi();
const secrets = createCodeSecrets(SECRET_KEY);
const PERSIAN = '۰۱۲۳۴۵۶۷۸۹';
const inPersian = (text: string) => text.replace(/\d/g, (digit) => PERSIAN[Number(digit)] as string);
let serial = 900;

/** A new national ID, registered by default. */
async function anId(registered = true): Promise<string> {
  serial += 1;
  const id = nationalId(serial);
  if (registered) await registerEmployer(test.db, { nationalId: id, name: `کارفرمای ${serial}` });
  return id;
}
const aBrowser = (address?: string): Visitor => createVisitor(test.api.app, undefined, address);

/** Requests a code, as the first form does. */
async function ask(visitor: Visitor, id: string, next = '') {
  await visitor.get(`/login${next && `?next=${encodeURIComponent(next)}`}`);
  return visitor.post('/login', { nationalId: id, ...(next && { next }) });
}

/** Marks the code as sent, as the worker does. @returns the code of the SMS */
async function received(id: string): Promise<string> {
  const [row] = await test.db.query<{ sealed: Buffer }>(
    `UPDATE login_codes SET mobile = '+989121234567' WHERE national_id = $1 AND ended_at IS NULL
     RETURNING code_cipher AS sealed`,
    [id],
  );
  return secrets.open(row?.sealed as Buffer);
}

async function signIn(visitor: Visitor, id: string) {
  await ask(visitor, id);
  await visitor.get('/login/code');
  return visitor.post('/login/code', { code: await received(id) });
}

describe('the login', () => {
  it('leads from the national ID and the code of the SMS to the requested page', async () => {
    const [visitor, id] = [aBrowser(), await anId()];
    const away = await visitor.get('/inbox?viewed=no');
    expect(away.statusCode).toBe(303);
    expect(away.headers.location).toBe('/login?next=%2Finbox%3Fviewed%3Dno');
    const first = await visitor.get(away.headers.location as string);
    expect(first.body).toContain('کد ملی یا شناسه ملی');
    const asked = await visitor.post('/login', { nationalId: id, next: '/inbox?viewed=no' });
    expect(asked.statusCode).toBe(303);
    const second = await visitor.get(asked.headers.location as string);
    expect(second.body).toContain('autocomplete="one-time-code"');
    const done = await visitor.post('/login/code', { code: await received(id), next: '/inbox?viewed=no' });
    expect([done.statusCode, done.headers.location]).toEqual([303, '/inbox?viewed=no']);
    expect((await visitor.get('/')).body).toContain(`کارفرمای ${serial}`);
  });

  it('accepts digits of every script, with spaces and dashes', async () => {
    const [visitor, id] = [aBrowser(), await anId()];
    const typed = inPersian(`${id.slice(0, 3)}-${id.slice(3, 6)} ${id.slice(6)}`);
    expect((await ask(visitor, typed)).statusCode).toBe(303);
    await visitor.get('/login/code');
    const code = await received(id);
    const done = await visitor.post('/login/code', {
      code: ` ${inPersian(code.slice(0, 3))} ${code.slice(3)}`,
    });
    expect(done.statusCode).toBe(303);
  });

  it('answers in the same way for registered and for unknown IDs', async () => {
    const answers = [];
    for (const registered of [true, false]) {
      const [visitor, id] = [aBrowser(), await anId(registered)];
      const asked = await ask(visitor, id);
      const page = await visitor.get('/login/code');
      const wrong = await visitor.post('/login/code', { code: '000000' });
      const again = await visitor.post('/login/again');
      const other = await ask(aBrowser(), id);
      answers.push(
        [asked, page, wrong, again, other].map(({ statusCode, body, headers }) => ({
          statusCode,
          location: headers.location,
          body: body
            .replaceAll(inPersian(id), 'ID')
            .replaceAll(id, 'ID')
            .replace(/value="[\w-]{43}"/g, ''),
        })),
      );
    }
    expect(answers[1]).toEqual(answers[0]);
  });

  it('shows an error at the field, and keeps the typed text', async () => {
    const visitor = aBrowser();
    const answer = await ask(visitor, '0499370898"><script>');
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain('aria-invalid="true"');
    expect(answer.body).toContain('value="0499370898&quot;&gt;&lt;script&gt;"'.replaceAll('&gt;', '>'));
    expect(answer.body).not.toContain('<script>');
  });

  it('counts down the attempts for a code, and then asks to request another', async () => {
    const [visitor, id] = [aBrowser(), await anId()];
    await ask(visitor, id);
    await visitor.get('/login/code');
    const code = await received(id);
    const wrongCode = code === '111111' ? '222222' : '111111';
    const bodies = [];
    for (let i = 0; i < 5; i += 1) bodies.push((await visitor.post('/login/code', { code: wrongCode })).body);
    expect(bodies[0]).toContain('۴ بار دیگر');
    expect(bodies[4]).toContain('کد دیگری بخواهید');
    expect((await visitor.post('/login/code', { code })).statusCode).toBe(422);
  });

  it('does not count a text that is no code as an attempt', async () => {
    const [visitor, id] = [aBrowser(), await anId()];
    await ask(visitor, id);
    await visitor.get('/login/code');
    for (let i = 0; i < 8; i += 1) await visitor.post('/login/code', { code: '12' });
    expect((await visitor.post('/login/code', { code: await received(id) })).statusCode).toBe(303);
  });

  it('stops an address that requests too many codes', async () => {
    const address = '198.51.100.7';
    for (let i = 0; i < 60; i += 1) await ask(aBrowser(address), await anId(false));
    const answer = await ask(aBrowser(address), await anId());
    expect(answer.statusCode).toBe(429);
    expect(answer.body).toContain('بیش از اندازه');
    expect((await ask(aBrowser('198.51.100.8'), await anId())).statusCode).toBe(303);
  });

  it('counts by the address that a trusted proxy reports, and ignores other reports', async () => {
    const config = { ...loadConfig({ TRUSTED_PROXIES: '192.0.2.0/24, ::1' }), SECRET_KEY };
    const behind = await startTestApi(test.db, { config });
    const codeAsked = async (proxy: string, forwarded: string) => {
      const visitor = createVisitor(behind.app, undefined, proxy);
      await visitor.get('/login');
      const fields = { nationalId: await anId(false) };
      return (await visitor.post('/login', fields, { 'x-forwarded-for': forwarded })).statusCode;
    };
    for (let i = 0; i < 60; i += 1) await codeAsked('192.0.2.9', '203.0.113.5');
    expect(await codeAsked('192.0.2.9', '203.0.113.5')).toBe(429);
    expect(await codeAsked('192.0.2.9', '203.0.113.6')).toBe(303);
    expect(await codeAsked('198.51.100.20', '203.0.113.5')).toBe(303);
    await behind.close();
  });

  it.each([
    'https://elsewhere.example/',
    '//elsewhere.example',
    '/\\elsewhere.example',
    '/.//elsewhere.example',
    'javascript:alert(1)',
    '/logout',
    '/\t/elsewhere.example',
  ])('redirects to no other site: %j', async (next) => {
    const visitor = aBrowser();
    visitor.token = await startSession(test.db);
    const answer = await visitor.get(`/login?next=${encodeURIComponent(next)}`);
    if (answer.statusCode === 303) expect(answer.headers.location).toBe('/inbox');
    else expect(answer.statusCode).toBe(400);
  });
});

describe('a session on the pages', () => {
  it('has a new cookie, which scripts cannot read and other sites do not send', async () => {
    const [visitor, id] = [aBrowser(), await anId()];
    await visitor.get('/');
    const before = visitor.token;
    const answer = await signIn(visitor, id);
    expect(visitor.token).not.toBe(before);
    expect(answer.cookies).toMatchObject([{ name: 'ablagh', path: '/', httpOnly: true, sameSite: 'Lax' }]);
    expect(await createSessions(test.db).find(before)).toBeNull();
  });

  it('names the mobile of the representative of a legal entity', async () => {
    await registerEmployer(test.db, { nationalId: '10380284790', name: 'شرکت آزمون', mobile: '09120000002' });
    const visitor = aBrowser();
    visitor.token = await startSession(test.db, '10380284790');
    const { body } = await visitor.get('/');
    expect(body).toMatch(/موبایل نماینده: <bdi dir="ltr">۰۹۱۲۰۰۰۰۰۰۲<\/bdi>/);
  });

  it('is replaced by a login in the same browser', async () => {
    const visitor = aBrowser();
    await signIn(visitor, await anId());
    const first = visitor.token;
    await visitor.get('/');
    const id = await anId();
    await visitor.post('/login', { nationalId: id });
    const done = await visitor.post('/login/code', { code: await received(id) });
    expect([done.statusCode, visitor.token === first]).toEqual([303, false]);
    expect(await createSessions(test.db).find(first)).toBeNull();
    expect(await createSessions(test.db).find(visitor.token)).toMatchObject({ nationalId: id });
  });

  it('ends on logout for every copy of the cookie, and its forms become invalid', async () => {
    const visitor = aBrowser();
    visitor.token = await startSession(test.db);
    const copy = createVisitor(test.api.app, visitor.token);
    await visitor.get('/');
    const { csrf } = visitor;
    const bye = await visitor.post('/logout');
    expect([bye.statusCode, bye.headers.location]).toEqual([303, '/login?bye=1']);
    expect((await visitor.get('/login?bye=1')).body).toContain('از سامانه خارج شدید');
    expect((await copy.get('/logout')).statusCode).toBe(303);
    expect((await visitor.post('/logout', { csrf })).statusCode).toBe(403);
  });

  it('ends on every device on request', async () => {
    const id = await anId();
    const [here, there] = [aBrowser(), aBrowser()];
    here.token = await startSession(test.db, id);
    there.token = await startSession(test.db, id);
    expect((await here.get('/')).body).toContain('<a href="/logout">خروج از همه دستگاه‌ها</a>');
    await here.get('/logout');
    await here.post('/logout', { where: 'everywhere' });
    expect((await there.get('/logout')).statusCode).toBe(303);
  });
});

describe('a form', () => {
  it.each<[string, Record<string, string>, Record<string, string>]>([
    ['without its token', { csrf: '' }, {}],
    ['with a token of its own', { csrf: 'A'.repeat(43) }, {}],
    ['sent from another site', {}, { 'sec-fetch-site': 'cross-site' }],
  ])('%s is refused', async (_case, fields, headers) => {
    const visitor = aBrowser();
    visitor.token = await startSession(test.db);
    await visitor.get('/');
    const answer = await visitor.post('/logout', fields, headers);
    expect(answer.statusCode).toBe(403);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.body).toContain('این فرم دیگر معتبر نیست');
    expect(await createSessions(test.db).find(visitor.token)).not.toBeNull();
  });

  it('made for one visitor is refused for another', async () => {
    const [one, two] = [aBrowser(), aBrowser()];
    await one.get('/login');
    await two.get('/login');
    const answer = await two.post('/login', { csrf: one.csrf, nationalId: await anId() });
    expect(answer.statusCode).toBe(403);
  });

  it('that is not a form but JSON is refused', async () => {
    const visitor = aBrowser();
    await visitor.get('/login');
    const answer = await visitor.post('/login', {}, { 'content-type': 'application/json' });
    expect(answer.statusCode).toBe(415);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
  });

  it.each(['%00', '%1b', '%F0%9F%98'])(
    'with the bytes %s is answered with an error of the client',
    async (bytes) => {
      const visitor = aBrowser();
      await visitor.get('/login');
      const answer = await test.api.app.inject({
        method: 'POST',
        url: '/login',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        cookies: { ablagh: visitor.token },
        payload: `csrf=${visitor.csrf}&nationalId=${bytes}`,
      });
      expect([400, 422]).toContain(answer.statusCode);
    },
  );
});
