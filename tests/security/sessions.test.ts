import { createCodeDispatch } from '../../core/sessions/code-dispatch';
import { createCodeSecrets } from '../../core/sessions/code-secrets';
import { SECRET_KEY, useApi } from '../api/test-api';
import { anOperator } from '../support/operator';
import { createVisitor } from '../support/visitor';
import { anOwner } from '../web/owner';

const app = useApi();

/** The cookie that an attacker put into a browser before its user signed in. */
const PLANTED = 'p'.repeat(43);

/** Reads the login code of an employer, as the worker that sends it does. */
async function codeFor(nationalId: string): Promise<string> {
  const rows = await app.db.query<{ id: string }>(
    `SELECT o.id FROM outbox o JOIN login_codes c ON c.id = o.subject_ids[1]
      WHERE o.queue = 'login-codes' AND c.national_id = $1`,
    [nationalId],
  );
  const [claimed] = await createCodeDispatch(app.db).claim(rows.map(({ id }) => id));
  return createCodeSecrets(SECRET_KEY).open(claimed?.sealed as Buffer);
}

describe('a cookie planted before the login', () => {
  it('opens no page of the employer who then signed in, and neither do its forms', async () => {
    const { nationalId, serve } = await anOwner(app.api, app.db);
    const noticeId = await serve();
    const browser = createVisitor(app.api.app, PLANTED);
    await browser.get('/login');
    const planted = browser.csrf;
    await browser.post('/login', { nationalId });
    await browser.post('/login/code', { code: await codeFor(nationalId) });
    expect(browser.token).not.toBe(PLANTED);
    expect((await browser.get('/inbox')).statusCode).toBe(200);

    const thief = createVisitor(app.api.app, PLANTED);
    for (const url of ['/inbox', `/inbox/${noticeId}`])
      expect((await thief.get(url)).headers.location).toMatch(/^\/login\?/);
    expect((await thief.get('/login/code')).body).not.toContain('name="code"');
    const forged = await browser.post(`/inbox/${noticeId}/permit`, { duration: 'day', csrf: planted });
    expect(forged.statusCode).toBe(403);
  });

  it('opens no page of the operator who then signed in, and neither do its forms', async () => {
    const { name, password } = await anOperator(app.api, app.db);
    const browser = createVisitor(app.api.app, PLANTED, undefined, 'ablagh-ops');
    await browser.get('/ops/login');
    const planted = browser.csrf;
    await browser.post('/ops/login', { name, password });
    expect(browser.token).not.toBe(PLANTED);
    expect((await browser.get('/ops/audit')).statusCode).toBe(200);

    const thief = createVisitor(app.api.app, PLANTED, undefined, 'ablagh-ops');
    expect((await thief.get('/ops/audit')).headers.location).toBe('/ops/login');
    expect((await browser.post('/ops/find', { q: 'هیچ', csrf: planted })).statusCode).toBe(403);
  });
});
