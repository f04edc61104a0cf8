import { createCodeDispatch } from '../../core/sessions/code-dispatch';
import { createCodeSecrets } from '../../core/sessions/code-secrets';
import { SECRET_KEY, useApi } from '../api/test-api';
import { anOperator } from '../support/operator';
import { createVisitor } from '../support/visitor';
import { anOwner } from '../web/owner';

const app = useApi();

/** What somebody put into the browser of another, before that one signed in. */
const PLANTED = 'p'.repeat(43);

/** The code that was made for an ID, as the worker that sends it reads it. */
async function codeFor(nationalId: string): Promise<string> {
  const rows = await app.db.query<{ id: string }>(
    `SELECT o.id FROM outbox o JOIN login_codes c ON c.id = o.subject_ids[1]
      WHERE o.queue = 'login-codes' AND c.national_id = $1`,
    [nationalId],
  );
  const [claimed] = await createCodeDispatch(app.db).claim(rows.map(({ id }) => id));
  return createCodeSecrets(SECRET_KEY).open(claimed?.sealed as Buffer);
}

describe('a cookie that was planted before the login', () => {
  it('opens nothing of an employer who signed in with it, nor do the forms that came with it', async () => {
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

  it('opens nothing of an operator who signed in with it, nor do the forms that came with it', async () => {
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
