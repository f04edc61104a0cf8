import { createDatabase, type Database } from '../../core/platform/database';
import { createMetrics } from '../../core/platform/metrics';
import { createCodeSecrets } from '../../core/sessions/code-secrets';
import { createLoginCodes } from '../../core/sessions/login-codes';
import { sendEmail } from '../../workers/send-email';
import { sendLoginCode } from '../../workers/send-login-code';
import { sendSms } from '../../workers/sms/send-sms';
import { type AlertDesk, createAlertDesk, outboxIds } from '../support/alert-desk';
import { useDatabase } from '../support/database';
import { nationalId, registerEmployer } from '../support/fixtures';
import { textOf } from '../support/statement-text';
import { createTcpProxy, type TcpProxy, throughProxy } from '../support/tcp-proxy';
import { type Providers, startProviders } from './providers';

const SECRET_KEY = 'a secret of more than thirty-two bytes';

const test = useDatabase({ max: 20 });
let desk: AlertDesk;
let providers: Providers;
let proxy: TcpProxy;
let reached: Database;
/** As the workers have it: PostgreSQL comes back once a statement was refused. */
let db: Database;
let refused: number;

beforeAll(async () => {
  desk = await createAlertDesk(test.db);
});
beforeEach(async () => {
  providers = await startProviders();
  proxy = await createTcpProxy(Number(new URL(test.url).port));
  reached = createDatabase(throughProxy(test.url, proxy));
  refused = 0;
  db = {
    ...reached,
    query: (sql, values) =>
      reached.query(sql, values).catch(async (error: unknown) => {
        refused += 1;
        await proxy.restore();
        throw error;
      }),
  };
});
afterEach(async () => {
  await reached.close();
  await proxy.close();
  await providers.close();
});

/** PostgreSQL goes away at the very moment when messages reach a provider. */
function goAwayMeanwhile(): void {
  providers.kavenegar.setBehaviour(({ messages }) => {
    if (messages.length > 0 && refused === 0) void proxy.cut();
    return 'pass';
  });
  providers.smtp.setBehaviour(({ stage }) => {
    if (stage === 'data' && refused === 0) void proxy.cut();
    return 'pass';
  });
}

/** PostgreSQL goes away as soon as it has committed a claim. */
const goAwayOnceClaimed = (): Database => ({
  ...db,
  async query(sql, values) {
    const rows = await db.query(sql, values);
    if (refused === 0 && /SET state = 'sending'/.test(textOf(sql))) await proxy.cut();
    return rows;
  },
});

describe('what was claimed when PostgreSQL went away', () => {
  it('is sent by its own worker once PostgreSQL is back, so that no email is in doubt', async () => {
    const alerts = await desk.accept(['claimed-1@example.org', 'claimed-2@example.org']);
    await sendEmail(providers.sendEmailDeps(goAwayOnceClaimed()), 'email-normal', outboxIds(alerts));
    expect(refused).toBeGreaterThan(0);
    expect(await desk.states(alerts)).toEqual(['sent', 'sent']);
    expect(providers.smtp.count()).toBe(2);
  });

  it('is sent as much of it as may go, and the rest is left for later', async () => {
    await test.db.query(`UPDATE lines SET per_second = 1 WHERE channel = 'sms'`);
    const alerts = await desk.accept(['09120000016', '09120000017'], { together: true });
    const [work] = alerts.map(({ outboxId }) => outboxId);
    await sendSms(providers.sendSmsDeps(goAwayOnceClaimed()), 'sms-normal', [work as string]);
    expect(refused).toBeGreaterThan(0);
    expect((await desk.states(alerts)).sort()).toEqual(['queued', 'sent']);
    expect(providers.kavenegar.count()).toBe(1);
    await test.db.query('UPDATE lines SET per_second = NULL');
  });
});

describe('what a provider took while PostgreSQL was away', () => {
  it('is on record once PostgreSQL is back: a set of SMS', async () => {
    const alerts = await desk.accept(['09120000011', '09120000012', '09120000013']);
    goAwayMeanwhile();
    await sendSms(providers.sendSmsDeps(db), 'sms-normal', outboxIds(alerts));
    expect(refused).toBeGreaterThan(0);
    expect(await desk.states(alerts)).toEqual(['sent', 'sent', 'sent']);
    expect(providers.kavenegar.count()).toBe(3);
  });

  it('is on record once PostgreSQL is back: emails, of which nobody could be asked', async () => {
    const alerts = await desk.accept(['one@example.org', 'two@example.org', 'three@example.org']);
    goAwayMeanwhile();
    await sendEmail(providers.sendEmailDeps(db), 'email-normal', outboxIds(alerts));
    expect(refused).toBeGreaterThan(0);
    expect(await desk.states(alerts)).toEqual(['sent', 'sent', 'sent']);
    expect(providers.smtp.count()).toBe(3);
  });

  it('is on record once PostgreSQL is back: a refused account, whose line is shut', async () => {
    const alerts = await desk.accept(['09120000014']);
    providers.kavenegar.setBehaviour(() => {
      if (refused === 0) void proxy.cut();
      return { status: 418 };
    });
    await sendSms(providers.sendSmsDeps(db), 'sms-normal', outboxIds(alerts));
    expect(refused).toBeGreaterThan(0);
    expect(await desk.states(alerts)).toEqual(['queued']);
    const lines = await test.db.query(`SELECT state, code FROM lines WHERE channel = 'sms'`);
    expect(lines).toContainEqual({ state: 'paused', code: '418' });
    await test.db.query(`UPDATE lines SET state = 'open', code = NULL, reason = NULL`);
  });

  it.each([
    ['SMS', '09120000018'],
    ['emails', 'refused@example.org'],
  ])('is on record before how the line of %s fares, which may fail', async (_, address) => {
    const alerts = await desk.accept([address]);
    providers.kavenegar.setBehaviour(() => ({ status: 403 }));
    await providers.smtp.close();
    const query: Database['query'] = (sql, values) =>
      /UPDATE lines/.test(textOf(sql)) ? Promise.reject(new Error('no line')) : test.db.query(sql, values);
    const unnoted = { ...test.db, query };
    const sending = address.includes('@')
      ? sendEmail(providers.sendEmailDeps(unnoted), 'email-normal', outboxIds(alerts))
      : sendSms(providers.sendSmsDeps(unnoted), 'sms-normal', outboxIds(alerts));
    await expect(sending).rejects.toThrow('no line');
    expect(await desk.states(alerts)).toEqual(['queued']);
  });

  it('is on record once PostgreSQL is back: a login code, which is forgotten with its work', async () => {
    const id = nationalId(700);
    await registerEmployer(test.db, { nationalId: id, mobile: '09120000015' });
    await createLoginCodes(test.db, SECRET_KEY).request(id, { token: 'visitor', address: '192.0.2.7' });
    const [work] = await test.db.query<{ id: string }>(`SELECT id FROM outbox WHERE queue = 'login-codes'`);
    goAwayMeanwhile();
    const secrets = createCodeSecrets(SECRET_KEY);
    const { sms, log } = providers;
    const deps = { db, lines: [sms], secrets, suffix: '', log, metrics: createMetrics() };
    await sendLoginCode(deps, [work?.id as string]);
    expect(refused).toBeGreaterThan(0);
    expect(await test.db.query(`SELECT FROM outbox WHERE queue = 'login-codes'`)).toEqual([]);
    expect(await test.db.query('SELECT FROM login_codes WHERE code_cipher IS NOT NULL')).toEqual([]);
    expect(providers.kavenegar.count()).toBe(1);
  });
});
