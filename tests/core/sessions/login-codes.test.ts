import { randomBytes } from 'node:crypto';
import { createCodeSecrets } from '../../../core/sessions/code-secrets';
import { createLoginCodes, MAX_CODE_TRIES } from '../../../core/sessions/login-codes';
import { createSessions } from '../../../core/sessions/sessions';
import { useDatabase } from '../../support/database';
import { nationalId, registerEmployer } from '../../support/fixtures';

const SECRET_KEY = 'a secret of more than thirty-two bytes';
const MOBILE = '+989121234567';
const secrets = createCodeSecrets(SECRET_KEY);
const test = useDatabase();

let serial = 100;
const next = () => {
  serial += 1;
  return serial;
};
const nextId = () => nationalId(next());
const aVisitor = (address = `192.0.2.${next() % 250}`) => ({
  token: randomBytes(32).toString('base64url'),
  address,
});
const codes = () => createLoginCodes(test.db, SECRET_KEY);

/** Returns the latest code of the ID, as the worker would send it, and marks it as sent. */
async function sentCode(id: string): Promise<string> {
  const [row] = await test.db.query<{ sealed: Buffer }>(
    `UPDATE login_codes SET mobile = '${MOBILE}' WHERE national_id = $1 AND ended_at IS NULL
     RETURNING code_cipher AS sealed`,
    [id],
  );
  return secrets.open(row?.sealed as Buffer);
}
const other = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0');
const backdate = (id: string, seconds: number) =>
  test.db.query(
    `UPDATE login_codes SET requested_at = requested_at - make_interval(secs => $2),
            expires_at = expires_at - make_interval(secs => $2) WHERE national_id = $1`,
    [id, seconds],
  );

async function aCode() {
  const id = nextId();
  await registerEmployer(test.db, { nationalId: id });
  const visitor = aVisitor();
  await codes().request(id, visitor);
  return { id, visitor, code: await sentCode(id) };
}

describe('a login code', () => {
  it('starts one session, in the browser that requested it', async () => {
    const { id, visitor, code } = await aCode();
    expect(code).toMatch(/^\d{6}$/);
    const checked = await codes().check(code, visitor.token);
    expect(checked.outcome).toBe('right');
    const session = await createSessions(test.db).find((checked as { token: string }).token);
    expect(session).toMatchObject({ nationalId: id, mobile: MOBILE });
    expect(await codes().check(code, visitor.token)).toEqual({ outcome: 'over' });
  });

  it('does not work in another browser', async () => {
    const { code, visitor } = await aCode();
    expect(await codes().check(code, aVisitor().token)).toEqual({ outcome: 'over' });
    expect((await codes().check(code, visitor.token)).outcome).toBe('right');
  });

  it('expires after two minutes', async () => {
    const { id, code, visitor } = await aCode();
    await backdate(id, 119);
    expect(await codes().pending(visitor.token)).toMatchObject({ expiresIn: 1 });
    await backdate(id, 1);
    expect(await codes().pending(visitor.token)).toBeNull();
    expect(await codes().check(code, visitor.token)).toEqual({ outcome: 'over' });
  });

  it('takes five tries, also at the same time, and then not even the right code', async () => {
    const { code, visitor } = await aCode();
    const tries = Array.from({ length: 12 }, () => codes().check(other(code), visitor.token));
    const outcomes = (await Promise.all(tries)).map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'wrong')).toHaveLength(MAX_CODE_TRIES);
    expect(outcomes.filter((outcome) => outcome === 'over')).toHaveLength(12 - MAX_CODE_TRIES);
    expect(await codes().check(code, visitor.token)).toEqual({ outcome: 'over' });
  });

  it('reports how many tries are left', async () => {
    const { code, visitor } = await aCode();
    expect(await codes().check(other(code), visitor.token)).toEqual({ outcome: 'wrong', triesLeft: 4 });
    expect(await codes().pending(visitor.token)).toMatchObject({ triesLeft: 4 });
  });

  it('can be requested again after sixty seconds, which ends the former one', async () => {
    const { id, code, visitor } = await aCode();
    expect(await codes().request(id, visitor)).toMatchObject({ sent: false, resendIn: 60 });
    await backdate(id, 60);
    expect(await codes().request(id, visitor)).toMatchObject({ sent: true });
    const newer = await sentCode(id);
    if (newer !== code) expect(await codes().check(code, visitor.token)).toMatchObject({ outcome: 'wrong' });
    expect((await codes().check(newer, visitor.token)).outcome).toBe('right');
  });

  it('is made once when many request it at the same moment', async () => {
    const id = nextId();
    const answers = await Promise.all(Array.from({ length: 8 }, () => codes().request(id, aVisitor())));
    expect(answers.filter(({ sent }) => sent)).toHaveLength(1);
    const active = await test.db.query(
      'SELECT 1 FROM login_codes WHERE national_id = $1 AND ended_at IS NULL',
      [id],
    );
    expect(active).toHaveLength(1);
  });

  it('is made in the same way for an ID without an employer, and starts no session', async () => {
    const id = nextId();
    const visitor = aVisitor();
    expect(await codes().request(id, visitor)).toEqual({ sent: true, resendIn: 60 });
    const code = await sentCode(id);
    expect(await codes().check(code, visitor.token)).toEqual({ outcome: 'wrong', triesLeft: 4 });
  });

  it('that was never sent starts no session', async () => {
    const { id, code, visitor } = await aCode();
    await test.db.query('UPDATE login_codes SET mobile = NULL WHERE national_id = $1', [id]);
    expect((await codes().check(code, visitor.token)).outcome).toBe('wrong');
  });

  it('starts no session once the register has another mobile', async () => {
    const { id, code, visitor } = await aCode();
    await registerEmployer(test.db, { nationalId: id, mobile: '09127654321' });
    expect((await codes().check(code, visitor.token)).outcome).toBe('wrong');
  });

  it('is in the database neither in plain text nor as a plain hash, and in no job', async () => {
    const { id, code } = await aCode();
    const [row] = await test.db.query<{ text: string }>(
      `SELECT c::text || o::text AS text FROM login_codes c JOIN outbox o ON o.subject_ids[1] = c.id
        WHERE c.national_id = $1 AND o.queue = 'login-codes'`,
      [id],
    );
    expect(row?.text).not.toContain(code);
    expect(row?.text).not.toContain(Buffer.from(code).toString('hex'));
  });
});

describe('requesting codes', () => {
  it('is refused for an hour after ten for one ID, from whatever addresses', async () => {
    const id = nextId();
    for (let i = 0; i < 10; i += 1) {
      await codes().request(id, aVisitor());
      await backdate(id, 61);
    }
    await expect(codes().request(id, aVisitor())).rejects.toMatchObject({ code: 'locked_out' });
    await backdate(id, 3_600);
    expect(await codes().request(id, aVisitor())).toMatchObject({ sent: true });
  });

  it('is refused for a while after sixty from one address, for whatever IDs', async () => {
    const address = '2001:db8:1:2::7';
    for (let i = 0; i < 60; i += 1) await codes().request(nextId(), aVisitor(address));
    const neighbour = aVisitor('2001:db8:1:2:ffff::1');
    await expect(codes().request(nextId(), neighbour)).rejects.toMatchObject({ code: 'locked_out' });
    expect(await codes().request(nextId(), aVisitor('2001:db8:1:3::7'))).toMatchObject({ sent: true });
  });

  it('is purged after two days', async () => {
    const { id } = await aCode();
    await backdate(id, 2 * 86_400 + 1);
    await codes().purgeOld();
    expect(await test.db.query('SELECT 1 FROM login_codes WHERE national_id = $1', [id])).toEqual([]);
  });
});
