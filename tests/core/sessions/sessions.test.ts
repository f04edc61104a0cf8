import { createHash } from 'node:crypto';
import { createSessions } from '../../../core/sessions/sessions';
import { useDatabase } from '../../support/database';
import { registerEmployer } from '../../support/fixtures';
import { startSession } from '../../support/visitor';

const test = useDatabase();
const sessions = () => createSessions(test.db);
const backdate = (token: string, column: 'used_at' | 'started_at', minutes: number) =>
  test.db.query(
    `UPDATE sessions SET ${column} = ${column} - make_interval(mins => $2) WHERE token_hash = $1`,
    [createHash('sha256').update(token).digest(), minutes],
  );

beforeAll(() => registerEmployer(test.db));

describe('a session', () => {
  it('is found only by its token, which PostgreSQL does not hold', async () => {
    const token = await startSession(test.db);
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await sessions().find(token)).toMatchObject({
      nationalId: '0499370899',
      name: 'شرکت نمونه',
      mobile: '+989121234567',
    });
    const [row] = await test.db.query<{ text: string }>('SELECT s::text AS text FROM sessions s');
    expect(row?.text).not.toContain(token);
    expect(await sessions().find(`${token.slice(0, -1)}~`)).toBeNull();
  });

  it('ends after thirty minutes without use', async () => {
    const token = await startSession(test.db);
    await backdate(token, 'used_at', 29);
    expect(await sessions().find(token)).not.toBeNull();
    await backdate(token, 'used_at', 29);
    expect(await sessions().find(token)).not.toBeNull();
    await backdate(token, 'used_at', 31);
    expect(await sessions().find(token)).toBeNull();
  });

  it('ends after eight hours, however busy', async () => {
    const token = await startSession(test.db);
    await backdate(token, 'started_at', 8 * 60 - 1);
    expect(await sessions().find(token)).not.toBeNull();
    await backdate(token, 'started_at', 2);
    expect(await sessions().find(token)).toBeNull();
  });

  it('ends for every copy of its token, without ending other sessions', async () => {
    const [one, two] = [await startSession(test.db), await startSession(test.db)];
    await sessions().end(one);
    expect(await sessions().find(one)).toBeNull();
    expect(await sessions().find(two)).not.toBeNull();
  });

  it('ends with all other sessions of the employer, without ending those of other employers', async () => {
    await registerEmployer(test.db, { nationalId: '10380284790', mobile: '09120000002' });
    const [one, two] = [await startSession(test.db), await startSession(test.db)];
    const stranger = await startSession(test.db, '10380284790');
    const employerId = (await sessions().find(one))?.employerId as string;
    await sessions().endAll(employerId);
    expect([await sessions().find(one), await sessions().find(two)]).toEqual([null, null]);
    expect(await sessions().find(stranger)).not.toBeNull();
  });

  it('ends when the register has another mobile', async () => {
    const token = await startSession(test.db, '10380284790');
    await registerEmployer(test.db, { nationalId: '10380284790', mobile: '09120000009' });
    expect(await sessions().find(token)).toBeNull();
  });
});
