import { createKavenegar } from '../../core/channels/kavenegar/kavenegar';
import { createLines } from '../../core/channels/lines';
import { createLog } from '../../core/platform/log';
import { createCodeDispatch } from '../../core/sessions/code-dispatch';
import { createCodeSecrets } from '../../core/sessions/code-secrets';
import { createLoginCodes } from '../../core/sessions/login-codes';
import {
  createKavenegarSimulator,
  type KavenegarSimulator,
} from '../../embedded/simulators/kavenegar-simulator';
import { startRelay } from '../../workers/relay';
import { sendLoginCode } from '../../workers/send-login-code';
import { startWorker } from '../../workers/start-worker';
import { describeOnBackends } from '../support/backends';
import { createTestDatabase, useDatabase } from '../support/database';
import { nationalId, registerEmployer } from '../support/fixtures';
import { shutChannels } from '../support/shut-channels';
import { until } from '../support/until';
import { codesSentTo } from '../support/web-app';

const SECRET_KEY = 'a secret of more than thirty-two bytes';
const MOBILE = '09120000001';
const test = useDatabase();
const logged: string[] = [];
const log = createLog('workers', 'info', { write: (line: string) => void logged.push(line) });
const metrics = { countAttempts: () => {} };
let simulator: KavenegarSimulator;
let baseUrl: string;
let sms: ReturnType<typeof createKavenegar>;
let serial = 500;

const channel = (otpTemplate?: string) =>
  createKavenegar({
    apiKey: simulator.apiKey,
    sender: '10004346',
    baseUrl,
    otpTemplate,
    callTimeoutMs: 1_000,
  });
const deps = (db = test.db) => ({
  db,
  lines: [sms],
  secrets: createCodeSecrets(SECRET_KEY),
  suffix: 'لغو۱۱',
  log,
  metrics,
});

beforeEach(async () => {
  simulator = createKavenegarSimulator();
  baseUrl = await simulator.listen();
  sms = channel();
  logged.length = 0;
});
afterEach(async () => {
  sms.close();
  await simulator.close();
  await createLines(test.db).openChannel('sms');
});

/** Asks for a code. @returns the outbox id of its sending, the ID, and the visitor's token */
async function ask(db = test.db, known = true, mobile = MOBILE) {
  serial += 1;
  const id = nationalId(serial);
  if (known) await registerEmployer(db, { nationalId: id, mobile });
  const token = `visitor-${serial}`;
  await createLoginCodes(db, SECRET_KEY).request(id, { token, address: `192.0.2.${serial % 250}` });
  const [row] = await db.query<{ id: string }>(
    `SELECT o.id FROM outbox o JOIN login_codes c ON c.id = o.subject_ids[1]
      WHERE o.queue = 'login-codes' AND c.national_id = $1`,
    [id],
  );
  return { outboxId: row?.id as string, id, token };
}
const work = (outboxId: string) => test.db.query('SELECT relay_at FROM outbox WHERE id = $1', [outboxId]);
const stored = async (id: string) =>
  (
    await test.db.query<{ cipher: Buffer | null; mobile: string }>(
      'SELECT code_cipher AS cipher, mobile FROM login_codes WHERE national_id = $1',
      [id],
    )
  )[0];

describe('sending a login code', () => {
  it('sends the code once as a text of one segment, however often its job runs', async () => {
    const { outboxId, id, token } = await ask();
    await sendLoginCode(deps(), [outboxId]);
    await sendLoginCode(deps(), [outboxId]);
    expect(simulator.count()).toBe(1);
    const [message] = simulator.messages();
    expect(message).toMatchObject({ receptor: MOBILE, sender: '10004346', parts: 1 });
    expect(message?.localId).toMatch(/^\d+$/);
    expect(message?.text).toMatch(/\nلغو۱۱$/);
    expect(await work(outboxId)).toEqual([]);
    expect(await stored(id)).toEqual({ cipher: null, mobile: '+989120000001' });
    const ids = [message?.id, 1].map(String);
    expect(await createCodeDispatch(test.db).filterLoginCodes(ids)).toEqual([String(message?.id)]);
    const [code] = codesSentTo(simulator, MOBILE);
    const checked = await createLoginCodes(test.db, SECRET_KEY).check(code as string, token);
    expect(checked.outcome).toBe('right');
  });

  it('uses the template where there is one', async () => {
    const { outboxId } = await ask();
    sms.close();
    sms = channel('ablagh-login');
    await sendLoginCode(deps(), [outboxId]);
    expect(simulator.calls('verify/lookup')).toBe(1);
    expect(simulator.calls('sms/send')).toBe(0);
    expect(simulator.messages()[0]?.text).toMatch(/^ablagh-login: \d{6}$/);
  });

  it('sends nothing for an unknown national ID, or without a mobile, and leaves no work', async () => {
    const unknown = await ask(test.db, false);
    const mute = await ask();
    await registerEmployer(test.db, { nationalId: mute.id, mobile: null });
    await sendLoginCode(deps(), [unknown.outboxId, mute.outboxId]);
    expect(simulator.count()).toBe(0);
    expect([await work(unknown.outboxId), await work(mute.outboxId)]).toEqual([[], []]);
    expect((await stored(unknown.id))?.cipher).toBeNull();
  });

  it('sends no code that has expired or was used', async () => {
    const { outboxId, id } = await ask();
    await test.db.query('UPDATE login_codes SET expires_at = now() WHERE national_id = $1', [id]);
    await sendLoginCode(deps(), [outboxId]);
    expect(simulator.count()).toBe(0);
    expect(await work(outboxId)).toEqual([]);
  });

  it('tries again soon when the provider puts the code off', async () => {
    const { outboxId } = await ask();
    simulator.setBehaviour(() => ({ status: 451 }));
    await sendLoginCode(deps(), [outboxId]);
    expect(await work(outboxId)).toHaveLength(1);
    simulator.setBehaviour();
    await sendLoginCode(deps(), [outboxId]);
    expect(simulator.count()).toBe(1);
    expect(await work(outboxId)).toEqual([]);
  });

  it('sends the other codes of a set though one cannot be opened', async () => {
    const [spoilt, sound] = [await ask(), await ask()];
    await test.db.query(`UPDATE login_codes SET code_cipher = 'nonsense' WHERE national_id = $1`, [
      spoilt.id,
    ]);
    await sendLoginCode(deps(), [spoilt.outboxId, sound.outboxId]);
    expect(simulator.count()).toBe(1);
    expect([await work(spoilt.outboxId), await work(sound.outboxId)]).toEqual([[], []]);
    expect(logged.filter((line) => line.includes('login code cannot be read'))).toHaveLength(1);
  });

  it('undoes a claim once, though it is asked twice: another worker may have claimed the code by then', async () => {
    const { outboxId } = await ask();
    const dispatch = createCodeDispatch(test.db);
    const first = await dispatch.claim([outboxId]);
    await dispatch.unclaim(first, 0);
    const second = await dispatch.claim([outboxId]);
    expect(second).toHaveLength(1);
    await dispatch.unclaim(first, 0);
    expect(await dispatch.claim([outboxId])).toEqual([]);
  });

  it('calls once more under the same local id when no answer came, so that the code arrives once', async () => {
    const { outboxId } = await ask();
    let calls = 0;
    simulator.setBehaviour(() => {
      calls += 1;
      return calls === 1 ? 'html' : 'pass';
    });
    await sendLoginCode(deps(), [outboxId]);
    expect(simulator.count()).toBe(1);
    expect(simulator.sendAttempts(simulator.messages()[0]?.localId as string)).toBe(2);
    expect(await work(outboxId)).toEqual([]);
  });

  it('does not repeat an unknown call by the template: it has no local id', async () => {
    const { outboxId } = await ask();
    sms.close();
    sms = channel('ablagh-login');
    simulator.setBehaviour(() => 'html');
    await sendLoginCode(deps(), [outboxId]);
    expect(simulator.calls('verify/lookup')).toBe(1);
    expect(await work(outboxId)).toEqual([]);
  });

  it('logs an error when the template is refused, and leaves the line open for notices', async () => {
    const { outboxId } = await ask();
    sms.close();
    sms = channel('ablagh-login');
    simulator.setBehaviour(() => ({ status: 424 }));
    await sendLoginCode(deps(), [outboxId]);
    expect(logged.map((line) => JSON.parse(line))).toMatchObject([{ level: 50, code: '424' }]);
    expect(await shutChannels(test.db)).toEqual([]);
  });

  it('disables the line when the account is refused, and keeps the code until it opens', async () => {
    const { outboxId } = await ask();
    simulator.setBehaviour(() => ({ status: 418 }));
    await sendLoginCode(deps(), [outboxId]);
    expect(await shutChannels(test.db)).toEqual(['sms']);
    expect(await work(outboxId)).toHaveLength(1);
  });

  it('uses another line when the first is disabled, and waits when there is none', async () => {
    const other = createKavenegarSimulator();
    const second = createKavenegar({
      line: 'kavenegar-second',
      apiKey: other.apiKey,
      sender: '1',
      baseUrl: await other.listen(),
    });
    await createLines(test.db).register([{ name: 'kavenegar-second', channel: 'sms', perSecond: null }]);
    await createLines(test.db).disable('kavenegar', 'closed', '403', 'the API key is not valid');
    const [one, two] = [await ask(), await ask()];
    await sendLoginCode({ ...deps(), lines: [sms, second] }, [one.outboxId]);
    expect([simulator.count(), other.count()]).toEqual([0, 1]);
    await sendLoginCode(deps(), [two.outboxId]);
    expect(simulator.calls()).toBe(0);
    expect(await work(two.outboxId)).toHaveLength(1);
    await createLines(test.db).openChannel('sms');
    await sendLoginCode(deps(), [two.outboxId]);
    expect(simulator.count()).toBe(1);
    second.close();
    await other.close();
  });

  it('sends no more of a set than the rate of the line allows, and the rest a moment later', async () => {
    await createLines(test.db).setRate('kavenegar', 2);
    const asked = [await ask(), await ask(), await ask(), await ask()];
    const ids = asked.map(({ outboxId }) => outboxId);
    await sendLoginCode(deps(), ids);
    expect(simulator.count()).toBe(2);
    await createLines(test.db).setRate('kavenegar', null);
    await sendLoginCode(deps(), ids);
    expect(simulator.count()).toBe(4);
  });

  it('trips the circuit of a line whose calls fail, and probes it with one code later', async () => {
    simulator.setBehaviour(() => 'drop');
    for (let i = 0; i < 3; i += 1) await sendLoginCode(deps(), [(await ask()).outboxId]);
    const asked = [await ask(), await ask()];
    const ids = asked.map(({ outboxId }) => outboxId);
    const calls = simulator.calls();
    await sendLoginCode(deps(), ids);
    expect(simulator.calls()).toBe(calls);
    simulator.setBehaviour();
    await test.db.query('UPDATE lines SET broken_until = now()');
    await sendLoginCode(deps(), ids);
    expect(simulator.count()).toBe(1);
    await sendLoginCode(deps(), ids);
    expect(simulator.count()).toBe(2);
  });

  it('logs neither the code, the mobile nor the national ID', async () => {
    const { outboxId, id } = await ask();
    await sendLoginCode(deps(), [outboxId]);
    const refused = await ask(test.db, true, '09990000411');
    await sendLoginCode(deps(), [refused.outboxId]);
    const log = logged.join();
    for (const secret of [id, refused.id, '9120000001', '9990000411', ...codesSentTo(simulator, MOBILE)])
      expect(log).not.toContain(secret);
  });
});

describeOnBackends('a login code on its way, on $name', ({ open }) => {
  it('reaches the phone while its owner waits, and stands in no job', async () => {
    const own = await createTestDatabase();
    const backend = open(own.db);
    await backend.warmUp(['login-codes']);
    const jobs: unknown[] = [];
    const worker = startWorker({ backend, db: own.db, log }, 'login-codes', async (ids) => {
      jobs.push(ids);
      await sendLoginCode(deps(own.db), ids);
    });
    const relay = startRelay({ db: own.db, backend, log });
    await ask(own.db);
    await until(() => simulator.count() === 1);
    expect(jobs).toEqual([[expect.stringMatching(/^\d+$/)]]);
    await relay.close();
    await worker.close();
    await backend.close();
    await own.drop();
  });
});
