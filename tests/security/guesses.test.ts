import { createHook } from 'node:async_hooks';
import { createKeyGuesses } from '../../api/key-guesses';
import { createInquiries } from '../../core/inquiries/inquiries';
import { createOperators } from '../../core/operators/operators';
import { createPermits } from '../../core/permits/permits';
import { createLoginCodes } from '../../core/sessions/login-codes';
import { createSourceSystems } from '../../core/sources/source-systems';
import { bearer, SECRET_KEY, startTestApi, type TestApi } from '../api/test-api';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { addSource } from '../support/fixtures';
import { recordStatements } from './recorded-statements';
import { makeScene, newNationalId, type Scene } from './scene';

let test: TestDatabase;
let recorded: ReturnType<typeof recordStatements>;
let api: TestApi;
let scene: Scene;
beforeAll(async () => {
  test = await createTestDatabase();
  recorded = recordStatements(test.db);
  api = await startTestApi(recorded.db);
  scene = await makeScene(api, test.db);
});
afterAll(async () => {
  await api.close();
  await test.drop();
});

/** Makes a guess at an API key in the right form. */
let guesses = 0;
const aGuess = () => {
  guesses += 1;
  return `abl_${String(guesses).padStart(12, '0')}.${'x'.repeat(43)}`;
};
const ask = (apiKey: string, remoteAddress: string) =>
  api.app.inject({ url: '/v1/events', headers: bearer(apiKey), remoteAddress });

describe('guesses at API keys', () => {
  it('are refused alike, and without a query after sixty from one address', async () => {
    const first = await ask(aGuess(), '203.0.113.1');
    for (let i = 1; i < 60; i += 1) {
      const { statusCode, body } = await ask(aGuess(), '203.0.113.1');
      expect([statusCode, body]).toEqual([401, first.body]);
    }
    let answer: Awaited<ReturnType<typeof ask>> | undefined;
    const asked = await recorded.during(async () => {
      answer = await ask(aGuess(), '203.0.113.1');
    });
    expect(asked).toEqual([]);
    expect(answer?.statusCode).toBe(429);
    expect(answer?.json()).toMatchObject({ code: 'rate_limited' });
    expect(Number(answer?.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask((await addSource(test.db)).apiKey, '203.0.113.1')).statusCode).toBe(429);
  });

  it('lock out no caller whose key was right before, and no other address', async () => {
    const { apiKey } = await addSource(test.db);
    expect((await ask(apiKey, '203.0.113.2')).statusCode).toBe(200);
    for (let i = 0; i < 61; i += 1) await ask(aGuess(), '203.0.113.2');
    expect((await ask(aGuess(), '203.0.113.2')).statusCode).toBe(429);
    expect((await ask(apiKey, '203.0.113.2')).statusCode).toBe(200);
    expect((await ask(aGuess(), '203.0.113.3')).statusCode).toBe(401);
  });

  it('are counted per IPv6 network, for one minute', () => {
    let now = 0;
    const counted = createKeyGuesses(() => now);
    for (let i = 0; i < 60; i += 1) counted.recordWrong(`2001:db8:1:1::${i.toString(16)}`);
    expect(counted.retryAfterSeconds('2001:db8:1:1::ffff', 'a guess')).toBe(60);
    expect(counted.retryAfterSeconds('2001:db8:1:2::1', 'a guess')).toBe(0);
    now = 59_500;
    expect(counted.retryAfterSeconds('2001:db8:1:1::ffff', 'a guess')).toBe(1);
    now = 60_000;
    expect(counted.retryAfterSeconds('2001:db8:1:1::ffff', 'a guess')).toBe(0);
  });

  it('are counted in the metrics', async () => {
    await ask(aGuess(), '203.0.113.4');
    const { body } = await api.app.inject('/metrics');
    expect(body).toMatch(/seconds_count\{method="GET",route="\/v1\/events",status="4xx"\} \d{2}/);
  });
});

describe('guesses at the secret of callbacks', () => {
  it('run no query, are counted, and are answered as an unknown path is', async () => {
    const nowhere = await api.app.inject('/callbacks/nobody/guess');
    for (let i = 0; i < 50; i += 1) {
      const asked = await recorded.during(async () => {
        const { statusCode, body } = await api.app.inject({
          method: 'POST',
          url: `/callbacks/kavenegar/${'x'.repeat(42)}${i % 10}`,
          payload: { messageid: '1', status: '10' },
        });
        expect([statusCode, body]).toEqual([404, nowhere.body]);
      });
      expect(asked).toEqual([]);
    }
    const { body } = await api.app.inject('/metrics');
    expect(body).toMatch(
      /seconds_count\{method="POST",route="\/callbacks\/kavenegar\/:secret",status="4xx"\} 50\n/,
    );
  });
});

/** Records the statements that each attempt runs. */
async function workOf(tries: Record<string, () => Promise<unknown>>): Promise<Record<string, string[]>> {
  const work: Record<string, string[]> = {};
  for (const [name, attempt] of Object.entries(tries)) work[name] = await recorded.during(attempt);
  return work;
}

function expectTheSame(work: Record<string, string[]>): void {
  const [[, first] = []] = Object.entries(work);
  expect(first?.length).toBeGreaterThan(0);
  for (const [name, statements] of Object.entries(work)) expect([name, statements]).toEqual([name, first]);
}

describe('a refusal runs the same statements, whatever was wrong', () => {
  it('of an API key', async () => {
    const sources = createSourceSystems(recorded.db);
    const { apiKey, keyId } = await addSource(test.db);
    await createSourceSystems(test.db).revoke(keyId);
    expectTheSame(
      await workOf({
        revoked: () => sources.authenticate(apiKey),
        'of nobody': () => sources.authenticate(aGuess()),
        'of the right id': () => sources.authenticate(`${keyId}.${'x'.repeat(43)}`),
      }),
    );
  });

  it('of a national ID that requests a code, and of a wrong code', async () => {
    const codes = createLoginCodes(recorded.db, SECRET_KEY);
    const visitor = (token: string) => ({ token, address: '192.0.2.7' });
    expectTheSame(
      await workOf({
        known: () => codes.request(scene.nationalId, visitor('known')),
        unknown: () => codes.request(newNationalId(), visitor('unknown')),
      }),
    );
    expectTheSame(
      await workOf({
        known: () => codes.check('000000', 'known'),
        unknown: () => codes.check('000000', 'unknown'),
      }),
    );
  });

  it('of a name and a password, with the hash', async () => {
    const operators = createOperators(recorded.db);
    await createOperators(test.db).add('there', 'viewer');
    await createOperators(test.db).add('gone', 'viewer');
    await createOperators(test.db).remove('gone');
    const hashes: Record<string, number> = {};
    const hashing = (name: string) => async () => {
      hashes[name] = 0;
      const hook = createHook({
        init(_id, type) {
          if (type === 'SCRYPTREQUEST') hashes[name] = (hashes[name] as number) + 1;
        },
      }).enable();
      await operators.signIn(name, 'a guess').finally(() => hook.disable());
    };
    const names = ['there', 'gone', 'never'];
    expectTheSame(await workOf(Object.fromEntries(names.map((name) => [name, hashing(name)]))));
    expect(hashes).toEqual({ there: 1, gone: 1, never: 1 });
  });

  it('of a national ID and a passcode', async () => {
    const inquiries = createInquiries(recorded.db, SECRET_KEY, { refusalMs: 0 });
    let addresses = 0;
    const inquire = (nationalId: string, passcode: string) => () => {
      addresses += 1;
      const address = `198.51.100.${addresses}`;
      return inquiries.answer({ nationalId, passcode, bodyName: 'شهرداری', address, actor: 'panel' });
    };
    const permits = createPermits(test.db, SECRET_KEY);
    const [notice] = await test.db.query<{ employerId: string }>(
      'SELECT employer_id AS "employerId" FROM notices WHERE id = $1',
      [scene.noticeId],
    );
    const employerId = notice?.employerId as string;
    const over = await permits.issue({ noticeId: scene.noticeId, employerId, duration: 'day' });
    await test.db.query('UPDATE permits SET expires_at = now() WHERE notice_id = $1', [scene.noticeId]);
    expectTheSame(
      await workOf({
        'a wrong passcode': inquire(scene.nationalId, '0000000000'),
        'one that is none': inquire(scene.nationalId, 'x'),
        'one that is over': inquire(scene.nationalId, over?.passcode as string),
        'of somebody else': inquire(scene.otherNationalId, scene.passcode),
        'of nobody': inquire(newNationalId(), scene.passcode),
        'no national ID': inquire('1', scene.passcode),
      }),
    );
  });
});
