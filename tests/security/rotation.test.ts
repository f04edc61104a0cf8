import { runCommand } from '../../cli/run-command';
import { createPasscodes } from '../../core/permits/passcodes';
import { renewPasscodes } from '../../core/permits/renew-passcodes';
import { loadConfig } from '../../core/platform/config';
import { callbackSecret } from '../../core/platform/derived-keys';
import { createCodeDispatch } from '../../core/sessions/code-dispatch';
import { createCodeSecrets } from '../../core/sessions/code-secrets';
import { startTestApi, type TestApi } from '../api/test-api';
import { useDatabase } from '../support/database';
import { addSource, anAttachment } from '../support/fixtures';
import { anOperator } from '../support/operator';
import { createVisitor, type Visitor } from '../support/visitor';
import { anOwner, issuePermit, type Owner } from '../web/owner';

const OLD = 'the secret of the years before, long';
const NEW = 'the secret of the years to come, long';
const OTHER = 'a secret that never was one of ours, long';

/** SECRET_KEY and SECRET_KEY_PREVIOUS of a process. */
type Keys = readonly [string] | readonly [string, string];

const test = useDatabase();
const apis: TestApi[] = [];
afterAll(async () => {
  for (const api of apis) await api.close();
});

const start = async (...[SECRET_KEY, SECRET_KEY_PREVIOUS]: Keys): Promise<TestApi> => {
  const keys = { SECRET_KEY, ...(SECRET_KEY_PREVIOUS && { SECRET_KEY_PREVIOUS }) };
  const api = await startTestApi(test.db, { config: { ...loadConfig({}), ...keys } });
  apis.push(api);
  return api;
};

/** Runs one command line with the new key. @returns its output; @throws Error with its error output */
async function command(args: string[], given: NodeJS.ProcessEnv = {}) {
  const output: string[] = [];
  const write = (text: string) => void output.push(text);
  const env = { DATABASE_URL: test.url, SECRET_KEY: NEW, ...given };
  if ((await runCommand([...args, '--json'], { env, out: write, err: write })) !== 0)
    throw new Error(output.join(''));
  return JSON.parse(output.join(''));
}

/** Continues a browser session at another process. */
const movedTo = (api: TestApi, { token }: Visitor, address?: string): Visitor =>
  createVisitor(api.app, token, address);

const passcodeShown = async (api: TestApi, owner: Owner, noticeId: string) => {
  const { statusCode, body } = await movedTo(api, owner.browser).get(`/inbox/${noticeId}/permit/issued`);
  return statusCode === 200 ? /data-copy="(\d{10})"/.exec(body)?.[1] : statusCode;
};

let bodies = 0;
const inquire = async (api: TestApi, { nationalId }: Owner, passcode: string) => {
  bodies += 1;
  const body = createVisitor(api.app, '', `203.0.113.${bodies}`);
  await body.get('/inquiry');
  return body.post('/inquiry', { bodyName: 'شهرداری', nationalId, passcode });
};

/** The steps of a rotation, each with the processes that run side by side in it: each must accept what the other made. */
const STEPS: [string, Keys, Keys][] = [
  ['before it, and when the new key is taken', [OLD], [OLD, NEW]],
  ['while the new key takes the place of the old one', [OLD, NEW], [NEW, OLD]],
];

describe.each(STEPS)('rotation of SECRET_KEY: %s', (_, first, second) => {
  let makers: [TestApi, TestApi][];
  beforeAll(async () => {
    const [a, b] = [await start(...first), await start(...second)];
    makers = [
      [a, b],
      [b, a],
    ];
  });

  it('sessions stay valid, and so do open forms', async () => {
    for (const [made, taken] of makers) {
      const owner = await anOwner(made, test.db);
      const id = await owner.serve();
      await owner.browser.get(`/inbox/${id}/permit`);
      const there = movedTo(taken, owner.browser);
      const answer = await there.post(`/inbox/${id}/permit`, { duration: 'day', csrf: owner.browser.csrf });
      expect(answer.headers.location).toBe(`/inbox/${id}/permit/issued`);
    }
  });

  it("an operator's forms are accepted", async () => {
    for (const [made, taken] of makers) {
      const { browser } = await anOperator(made, test.db);
      const there = createVisitor(taken.app, browser.token, undefined, 'ablagh-ops');
      expect((await there.post('/ops/find', { q: 'نیست', csrf: browser.csrf })).statusCode).toBe(200);
    }
  });

  it('a passcode is shown to its owner, and opens its notice with its attachments', async () => {
    for (const [made, taken] of makers) {
      const owner = await anOwner(made, test.db);
      const id = await owner.serve({ attachments: [anAttachment()] });
      const passcode = await issuePermit(owner, id);
      expect(await passcodeShown(taken, owner, id)).toBe(passcode);
      expect((await inquire(taken, owner, passcode)).statusCode).toBe(200);
      const { body } = await inquire(made, owner, passcode);
      const pass = /\/inquiry\/attachments\/[\w-]+\?pass=[\w-]+/.exec(body)?.[0] as string;
      // This process does not have the file; the test is that it looks for it.
      expect((await taken.app.inject(pass)).statusCode).toBe(503);
    }
  });

  it('a login code is sent, and signs in', async () => {
    for (const [i, [made, taken]] of makers.entries()) {
      const { nationalId } = await anOwner(made, test.db);
      const browser = createVisitor(made.app, '', `198.51.100.${i}`);
      await browser.get('/login');
      await browser.post('/login', { nationalId });
      const code = await codeSentBy(i === 0 ? second : first, nationalId);
      const there = movedTo(taken, browser);
      const { statusCode, headers } = await there.post('/login/code', { code, csrf: browser.csrf });
      expect([statusCode, headers.location]).toEqual([303, '/inbox']);
    }
  });

  it('delivery reports are accepted at both addresses', async () => {
    for (const api of makers[0] as TestApi[]) {
      const url = `/callbacks/kavenegar/${callbackSecret(OLD)}?messageid=1&status=10`;
      expect((await api.app.inject(url)).statusCode).toBe(200);
    }
    const late = makers[0]?.[1] as TestApi;
    const url = `/callbacks/kavenegar/${callbackSecret(NEW)}?messageid=1&status=10`;
    expect((await late.app.inject(url)).statusCode).toBe(200);
    const wrong = `/callbacks/kavenegar/${callbackSecret(OTHER)}?messageid=1&status=10`;
    expect((await late.app.inject(wrong)).statusCode).toBe(404);
  });
});

/** Reads the SMS of the latest code of an employer, as a worker with these keys sends it. */
async function codeSentBy(keys: readonly [string, ...string[]], nationalId: string): Promise<string> {
  const rows = await test.db.query<{ id: string }>(
    `SELECT o.id FROM outbox o JOIN login_codes c ON c.id = o.subject_ids[1]
      WHERE o.queue = 'login-codes' AND c.national_id = $1`,
    [nationalId],
  );
  const [claimed] = await createCodeDispatch(test.db).claim(rows.map(({ id }) => id));
  return createCodeSecrets(keys).open(claimed?.sealed as Buffer);
}

describe('once the valid passcodes are re-encrypted', () => {
  it('the old key can be removed: passcodes are shown and open their notices as before', async () => {
    const owner = await anOwner(await start(OLD), test.db);
    const [live, revoked] = [await owner.serve(), await owner.serve()];
    const [passcode, dead] = [await issuePermit(owner, live), await issuePermit(owner, revoked)];
    await owner.browser.get(`/inbox/${revoked}/permit/revoke`);
    await owner.browser.post(`/inbox/${revoked}/permit/revoke`);

    const { renewed } = await command(['secret', 'renew'], { SECRET_KEY_PREVIOUS: OLD });
    expect(renewed).toBeGreaterThan(0);
    expect(await renewPasscodes(test.db, [NEW, OLD])).toBe(0);

    const after = await start(NEW);
    expect(await passcodeShown(after, owner, live)).toBe(passcode);
    expect((await inquire(after, owner, passcode)).statusCode).toBe(200);
    expect((await inquire(after, owner, dead)).statusCode).toBe(404);
    const old = `/callbacks/kavenegar/${callbackSecret(OLD)}?messageid=1&status=10`;
    expect((await after.app.inject(old)).statusCode).toBe(404);
  });

  it('the command changes no passcode without the key they were made with, and reports it', async () => {
    const owner = await anOwner(await start(NEW), test.db);
    const id = await owner.serve();
    const passcode = await issuePermit(owner, id);
    await expect(renewPasscodes(test.db, [OTHER, OLD])).rejects.toMatchObject({ code: 'unknown_secret_key' });
    expect(await passcodeShown(await start(NEW), owner, id)).toBe(passcode);
  });

  it('a passcode shared with an old permit opens the valid one', async () => {
    const owner = await anOwner(await start(NEW), test.db);
    const [id, former] = [await owner.serve(), await owner.serve()];
    const passcode = await issuePermit(owner, id);
    await test.db.query(
      `INSERT INTO permits (notice_id, source_id, employer_id, duration, state, passcode_hash, issued_at, expires_at, ended_at)
       SELECT id, source_id, employer_id, 'day', 'expired', $2, '2020-01-01', '2020-01-02', '2020-01-02'
         FROM notices WHERE id = $1`,
      [former, createPasscodes(OLD).hash(owner.nationalId, passcode)],
    );
    const answer = await inquire(await start(NEW, OLD), owner, passcode);
    expect(answer.statusCode).toBe(200);
  });
});

describe('without the old key', () => {
  it('forms, passcodes and callback addresses made with it are refused', async () => {
    const owner = await anOwner(await start(OLD), test.db);
    const id = await owner.serve();
    const passcode = await issuePermit(owner, id);
    await owner.browser.get(`/inbox/${id}/permit/revoke`);
    const other = await start(OTHER);
    const there = movedTo(other, owner.browser);
    const { csrf } = owner.browser;
    expect((await there.post(`/inbox/${id}/permit/revoke`, { csrf })).statusCode).toBe(403);
    expect((await inquire(other, owner, passcode)).statusCode).toBe(404);
    const list = await there.get('/inbox');
    expect([list.statusCode, list.body.includes(passcode)]).toEqual([500, false]);
  });
});

describe('rotation of API keys', () => {
  it('accepts the old key beside the new one, until it is revoked', async () => {
    const api = await start(NEW);
    const { apiKey: old, keyId, caller } = await addSource(test.db);
    const { apiKey: fresh } = await command(['source', 'key', caller.sourceCode]);
    const narrow = await command(['source', 'key', caller.sourceCode, '--scope', 'inquiries']);
    const statusOf = async (key: string, url = '/v1/events') =>
      (await api.app.inject({ url, headers: { authorization: `Bearer ${key}` } })).statusCode;

    expect([await statusOf(old), await statusOf(fresh)]).toEqual([200, 200]);
    // The same source system, with the scopes of its latest key.
    const missing = '/v1/notices/00000000-0000-0000-0000-000000000000';
    expect([await statusOf(fresh, missing), await statusOf(narrow.apiKey, missing)]).toEqual([404, 403]);
    await command(['source', 'revoke', keyId]);
    expect([await statusOf(old), await statusOf(fresh)]).toEqual([401, 200]);
    await expect(command(['source', 'key', 'nobody-has-this-code'])).rejects.toThrow('There is no source');
  });
});
