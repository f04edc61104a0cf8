import { createDatabase, type Database } from '../../core/platform/database';
import { createMetrics } from '../../core/platform/metrics';
import { createCodeSecrets } from '../../core/sessions/code-secrets';
import { createLoginCodes } from '../../core/sessions/login-codes';
import { sendEmail } from '../../workers/send-email';
import { sendLoginCode } from '../../workers/send-login-code';
import { sendSms } from '../../workers/sms/send-sms';
import { outboxIds } from '../support/alert-desk';
import { nationalId, registerEmployer } from '../support/fixtures';
import { isStatement } from '../support/statement-text';
import { createTcpProxy, type TcpProxy, throughProxy } from '../support/tcp-proxy';
import { useWorkersScene } from './scene';

const SECRET_KEY = 'a secret of more than thirty-two bytes';

const scene = useWorkersScene();
let proxy: TcpProxy;
let reached: Database;
/** The database of the workers: PostgreSQL comes back once a statement was refused. */
let db: Database;
let refused: number;

beforeEach(async () => {
  proxy = await createTcpProxy(Number(new URL(scene.url).port));
  reached = createDatabase(throughProxy(scene.url, proxy));
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
});

/** Lets PostgreSQL go away at the very moment when messages reach a provider. */
function goAwayMeanwhile(): void {
  scene.providers.kavenegar.setBehaviour(({ messages }) => {
    if (messages.length > 0 && refused === 0) void proxy.cut();
    return 'pass';
  });
  scene.providers.smtp.setBehaviour(({ stage }) => {
    if (stage === 'data' && refused === 0) void proxy.cut();
    return 'pass';
  });
}

/** Gives a database that goes away as soon as it has committed a claim. */
const goAwayOnceClaimed = (): Database => ({
  ...db,
  async query(sql, values) {
    const rows = await db.query(sql, values);
    if (refused === 0 && isStatement(sql, 'claim-alerts', 'claim-first-alerts')) await proxy.cut();
    return rows;
  },
});

describe('a claimed set, when PostgreSQL goes away', () => {
  it('is sent by its own worker once PostgreSQL is back, so that no email is in doubt', async () => {
    const alerts = await scene.desk.accept(['claimed-1@example.org', 'claimed-2@example.org']);
    await sendEmail(scene.providers.sendEmailDeps(goAwayOnceClaimed()), 'email-normal', outboxIds(alerts));
    expect(refused).toBeGreaterThan(0);
    expect(await scene.desk.states(alerts)).toEqual(['sent', 'sent']);
    expect(scene.providers.smtp.count()).toBe(2);
  });

  it('is sent as far as the rate allows, and its rest is left for later', async () => {
    await scene.db.query(`UPDATE lines SET per_second = 1 WHERE channel = 'sms'`);
    const alerts = await scene.desk.accept(['09120000016', '09120000017'], { together: true });
    const [work] = alerts.map(({ outboxId }) => outboxId);
    await sendSms(scene.providers.sendSmsDeps(goAwayOnceClaimed()), 'sms-normal', [work as string]);
    expect(refused).toBeGreaterThan(0);
    expect((await scene.desk.states(alerts)).sort()).toEqual(['queued', 'sent']);
    expect(scene.providers.kavenegar.count()).toBe(1);
    await scene.db.query('UPDATE lines SET per_second = NULL');
  });
});

describe('an accepted set, when PostgreSQL is away', () => {
  it('is settled once PostgreSQL is back: SMS', async () => {
    const alerts = await scene.desk.accept(['09120000011', '09120000012', '09120000013']);
    goAwayMeanwhile();
    await sendSms(scene.providers.sendSmsDeps(db), 'sms-normal', outboxIds(alerts));
    expect(refused).toBeGreaterThan(0);
    expect(await scene.desk.states(alerts)).toEqual(['sent', 'sent', 'sent']);
    expect(scene.providers.kavenegar.count()).toBe(3);
  });

  it('is settled once PostgreSQL is back: emails, which cannot be looked up', async () => {
    const alerts = await scene.desk.accept(['one@example.org', 'two@example.org', 'three@example.org']);
    goAwayMeanwhile();
    await sendEmail(scene.providers.sendEmailDeps(db), 'email-normal', outboxIds(alerts));
    expect(refused).toBeGreaterThan(0);
    expect(await scene.desk.states(alerts)).toEqual(['sent', 'sent', 'sent']);
    expect(scene.providers.smtp.count()).toBe(3);
  });

  it('is settled once PostgreSQL is back: a refused account, whose line is disabled', async () => {
    const alerts = await scene.desk.accept(['09120000014']);
    scene.providers.kavenegar.setBehaviour(() => {
      if (refused === 0) void proxy.cut();
      return { status: 418 };
    });
    await sendSms(scene.providers.sendSmsDeps(db), 'sms-normal', outboxIds(alerts));
    expect(refused).toBeGreaterThan(0);
    expect(await scene.desk.states(alerts)).toEqual(['queued']);
    const lines = await scene.db.query(`SELECT state, code FROM lines WHERE channel = 'sms'`);
    expect(lines).toContainEqual({ state: 'paused', code: '418' });
    await scene.db.query(`UPDATE lines SET state = 'open', code = NULL, reason = NULL`);
  });

  it.each([
    ['SMS', '09120000018'],
    ['emails', 'refused@example.org'],
  ])('of %s is settled before the health of its line, which may fail', async (_, address) => {
    const alerts = await scene.desk.accept([address]);
    scene.providers.kavenegar.setBehaviour(() => ({ status: 403 }));
    await scene.providers.smtp.close();
    const query: Database['query'] = (sql, values) =>
      isStatement(sql, 'disable-line', 'record-calls')
        ? Promise.reject(new Error('no line'))
        : scene.db.query(sql, values);
    const withoutLines = { ...scene.db, query };
    const sending = address.includes('@')
      ? sendEmail(scene.providers.sendEmailDeps(withoutLines), 'email-normal', outboxIds(alerts))
      : sendSms(scene.providers.sendSmsDeps(withoutLines), 'sms-normal', outboxIds(alerts));
    await expect(sending).rejects.toThrow('no line');
    expect(await scene.desk.states(alerts)).toEqual(['queued']);
  });

  it('is settled once PostgreSQL is back: a login code, which is purged with its work', async () => {
    const id = nationalId(700);
    await registerEmployer(scene.db, { nationalId: id, mobile: '09120000015' });
    await createLoginCodes(scene.db, SECRET_KEY).request(id, { token: 'visitor', address: '192.0.2.7' });
    const [work] = await scene.db.query<{ id: string }>(`SELECT id FROM outbox WHERE queue = 'login-codes'`);
    goAwayMeanwhile();
    const secrets = createCodeSecrets(SECRET_KEY);
    const { sms, log } = scene.providers;
    const deps = { db, lines: [sms], secrets, suffix: '', log, metrics: createMetrics() };
    await sendLoginCode(deps, [work?.id as string]);
    expect(refused).toBeGreaterThan(0);
    expect(await scene.db.query(`SELECT FROM outbox WHERE queue = 'login-codes'`)).toEqual([]);
    expect(await scene.db.query('SELECT FROM login_codes WHERE code_cipher IS NOT NULL')).toEqual([]);
    expect(scene.providers.kavenegar.count()).toBe(1);
  });
});
