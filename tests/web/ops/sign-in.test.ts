import { createOperatorSessions } from '../../../core/operators/operator-sessions';
import { createOperators } from '../../../core/operators/operators';
import { loadConfig } from '../../../core/platform/config';
import { SECRET_KEY, startTestApi, useApi } from '../../api/test-api';
import { anOperator } from '../../support/operator';
import { createVisitor, type Visitor } from '../../support/visitor';
import { textOf } from '../owner';

const test = useApi();
let addresses = 0;

/** A visitor from a new address. */
function aBrowser(address?: string): Visitor {
  addresses += 1;
  return createVisitor(test.api.app, '', address ?? `198.51.100.${addresses}`, 'ablagh-ops');
}

/** Sends a name and a password with the sign-in form. */
async function signIn(browser: Visitor, name: string, password: string) {
  await browser.get('/ops/login');
  return browser.post('/ops/login', { name, password });
}

const added = (name: string) => createOperators(test.db).add(name, 'operator');
const recorded = async () =>
  (await test.db.query('SELECT operator, role, action, subject, reason, outcome FROM audit ORDER BY id')).at(
    -1,
  );
const records = async () => (await test.db.query('SELECT FROM audit')).length;

describe('the sign-in of operators', () => {
  it("leads from any operators' page by name and password to the status page", async () => {
    const { name, password } = await added('sara');
    const browser = aBrowser();
    const away = await browser.get('/ops/audit');
    expect([away.statusCode, away.headers.location]).toEqual([303, '/ops/login']);
    const page = await browser.get('/ops/login');
    expect([page.statusCode, page.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(page.body).toContain('autocomplete="current-password"');
    const done = await browser.post('/ops/login', { name: ` ${name} `, password: `${password}\n` });
    expect([done.statusCode, done.headers.location]).toEqual([303, '/ops']);
    expect(done.headers['cache-control']).toBe('no-store');
    expect((await browser.get('/ops/audit')).body).toContain('<bdi>sara</bdi>');
    expect((await browser.get('/ops/login')).headers.location).toBe('/ops');
    expect(await recorded()).toEqual({
      operator: 'sara',
      role: 'operator',
      action: 'signed-in',
      subject: 'session',
      reason: null,
      outcome: 'done',
    });
  });

  it('answers a wrong password and an unknown name alike, and records neither', async () => {
    await added('reza');
    const answers = [];
    for (const name of ['reza', 'zaer']) {
      const answer = await signIn(aBrowser(), name, 'not-the-password');
      expect(await recorded()).toEqual({
        operator: 'nobody',
        role: 'none',
        action: 'sign-in-refused',
        subject: 'session',
        reason: 'unauthorized',
        outcome: 'refused',
      });
      const body = answer.body.replaceAll(name, 'NAME').replace(/value="[\w-]{43}"/g, '');
      answers.push([answer.statusCode, answer.headers['cache-control'], body]);
    }
    expect(answers[0]).toEqual([401, 'no-store', expect.stringContaining('نام یا گذرواژه درست نیست')]);
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[0]?.[2]).not.toContain('not-the-password');
    expect(JSON.stringify(test.api.logged)).not.toContain('not-the-password');
  });

  it('shows the typed name as text, and accepts any input', async () => {
    const typed = '"><script>alert(1)</script>';
    const answer = await signIn(aBrowser(), typed, 'x'.repeat(5_000));
    expect(answer.statusCode).toBe(401);
    expect(answer.body).not.toContain('<script>alert');
    const empty = aBrowser();
    await empty.get('/ops/login');
    expect((await empty.post('/ops/login')).statusCode).toBe(401);
  });

  it('locks a name after five wrong passwords from any address', async () => {
    const { name, password } = await added('locked');
    for (let i = 0; i < 5; i += 1) await signIn(aBrowser(), name, 'wrong');
    const answer = await signIn(aBrowser(), name, password);
    expect(answer.statusCode).toBe(429);
    expect(textOf(answer.body)).toContain('گذرواژه بارها نادرست وارد شد');
    expect(await recorded()).toMatchObject({ action: 'sign-in-refused', reason: 'locked_out' });
  });

  it('limits the tries of an address before it checks their passwords', async () => {
    const address = '203.0.113.7';
    const { name, password } = await added('flooded');
    const browser = aBrowser(address);
    await browser.get('/ops/login');
    for (let i = 0; i < 20; i += 1) await browser.post('/ops/login', { csrf: '' });
    const before = await records();
    const answer = await browser.post('/ops/login', { name, password });
    expect(answer.statusCode).toBe(429);
    expect(textOf(answer.body)).toContain('تلاش برای ورود اکنون بیش از اندازه است');
    expect(await records()).toBe(before);
    expect((await signIn(aBrowser('203.0.113.8'), name, password)).statusCode).toBe(303);
  });

  it('limits concurrent password checks, and answers the rest with a delay', async () => {
    const browsers = Array.from({ length: 24 }, () => aBrowser());
    for (const browser of browsers) await browser.get('/ops/login');
    const before = await records();
    const answers = await Promise.all(
      browsers.map((browser, i) => browser.post('/ops/login', { name: `flood-${i}`, password: 'x' })),
    );
    const statuses = answers.map(({ statusCode }) => statusCode).sort();
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    const looked = statuses.filter((status) => status === 401).length;
    expect(looked).toBeLessThan(24);
    // The audit log holds the checked tries, and none of those that the rate limit stopped.
    expect((await records()) - before).toBe(looked);
  });

  it.each<[string, Record<string, string>, Record<string, string>]>([
    ['without its token', { csrf: '' }, {}],
    ['with a token of its own', { csrf: 'A'.repeat(43) }, {}],
    ['sent from another site', {}, { 'sec-fetch-site': 'cross-site' }],
  ])('turns down a form %s', async (_case, fields, headers) => {
    const { name, password } = await anOperator(test.api, test.db);
    const browser = aBrowser();
    await browser.get('/ops/login');
    const before = browser.token;
    const answer = await browser.post('/ops/login', { name, password, ...fields }, headers);
    expect(answer.statusCode).toBe(403);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(textOf(answer.body)).toContain('این کار انجام نشد');
    expect([browser.token, await createOperatorSessions(test.db).find(before)]).toEqual([before, null]);
  });
});

describe('the session of an operator', () => {
  it('has a new cookie that is limited to these pages and this site, and hidden from scripts', async () => {
    const { name, password } = await anOperator(test.api, test.db);
    const browser = aBrowser();
    await browser.get('/ops/login');
    const before = browser.token;
    const answer = await browser.post('/ops/login', { name, password });
    expect(browser.token).not.toBe(before);
    expect(answer.cookies).toEqual([
      { name: 'ablagh-ops', value: browser.token, path: '/ops', httpOnly: true, sameSite: 'Strict' },
    ]);
    expect(await createOperatorSessions(test.db).find(before)).toBeNull();
    expect(await createOperatorSessions(test.db).find(browser.token)).toMatchObject({ name });
  });

  it('has a cookie over https that no other host can set', async () => {
    const config = { ...loadConfig({ PUBLIC_URL: 'https://ablagh.example' }), SECRET_KEY };
    const secure = await startTestApi(test.db, { config });
    const answer = await secure.app.inject({ url: '/ops/login' });
    expect(answer.cookies).toEqual([
      {
        name: '__Secure-ablagh-ops',
        value: expect.stringMatching(/^[\w-]{43}$/),
        path: '/ops',
        httpOnly: true,
        secure: true,
        sameSite: 'Strict',
      },
    ]);
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000');
    await secure.close();
  });

  it('is replaced by a sign-in in the same browser', async () => {
    const [one, two] = [await anOperator(test.api, test.db), await anOperator(test.api, test.db)];
    const first = one.browser.token;
    const done = await one.browser.post('/ops/login', { name: two.name, password: two.password });
    expect(done.statusCode).toBe(303);
    expect(await createOperatorSessions(test.db).find(first)).toBeNull();
    expect(await createOperatorSessions(test.db).find(one.browser.token)).toMatchObject({ name: two.name });
  });

  it('ends at the sign-out for every copy of its cookie, and its forms become invalid', async () => {
    const { name, browser } = await anOperator(test.api, test.db);
    const copy = createVisitor(test.api.app, browser.token, undefined, 'ablagh-ops');
    await copy.get('/ops/audit');
    const bye = await browser.post('/ops/logout');
    expect([bye.statusCode, bye.headers.location]).toEqual([303, '/ops/login']);
    expect(bye.headers['cache-control']).toBe('no-store');
    expect(await recorded()).toMatchObject({ operator: name, action: 'signed-out', outcome: 'done' });
    expect((await copy.get('/ops/audit')).headers.location).toBe('/ops/login');
    expect((await browser.post('/ops/logout', { csrf: copy.csrf })).statusCode).toBe(403);
  });

  it('ends when the operator is removed', async () => {
    const { name, browser } = await anOperator(test.api, test.db);
    await createOperators(test.db).remove(name);
    expect((await browser.get('/ops/audit')).headers.location).toBe('/ops/login');
  });

  it("does not open employers' pages, nor does an employer's session open these", async () => {
    const { browser } = await anOperator(test.api, test.db);
    const asEmployer = await test.api.app.inject({ url: '/inbox', cookies: { ablagh: browser.token } });
    expect(asEmployer.headers.location).toMatch(/^\/login/);
  });
});
