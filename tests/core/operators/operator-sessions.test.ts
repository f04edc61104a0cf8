import { createOperatorSessions } from '../../../core/operators/operator-sessions';
import { createOperators } from '../../../core/operators/operators';
import { hashToken } from '../../../core/sessions/sessions';
import { useDatabase } from '../../support/database';
import { startOperatorSession } from '../../support/operator';

const test = useDatabase();
const sessions = () => createOperatorSessions(test.db);
const backdate = (token: string, column: 'used_at' | 'started_at', minutes: number) =>
  test.db.query(
    `UPDATE operator_sessions SET ${column} = ${column} - make_interval(mins => $2) WHERE token_hash = $1`,
    [hashToken(token), minutes],
  );

beforeAll(() => createOperators(test.db).add('sara', 'operator'));
const startSession = () => startOperatorSession(test.db, 'sara');

describe("an operator's session", () => {
  it('is found only by its token, which PostgreSQL does not hold', async () => {
    const token = await startSession();
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await sessions().find(token)).toEqual({ id: expect.any(Number), name: 'sara', role: 'operator' });
    const [row] = await test.db.query<{ text: string }>('SELECT s::text AS text FROM operator_sessions s');
    expect(row?.text).not.toContain(token);
    expect(await sessions().find(`${token.slice(0, -1)}~`)).toBeNull();
  });

  it('ends after thirty minutes without use', async () => {
    const token = await startSession();
    await backdate(token, 'used_at', 29);
    expect(await sessions().find(token)).not.toBeNull();
    await backdate(token, 'used_at', 29);
    expect(await sessions().find(token)).not.toBeNull();
    await backdate(token, 'used_at', 31);
    expect(await sessions().find(token)).toBeNull();
  });

  it('ends after eight hours, however busy', async () => {
    const token = await startSession();
    await backdate(token, 'started_at', 8 * 60 - 1);
    expect(await sessions().find(token)).not.toBeNull();
    await backdate(token, 'started_at', 2);
    expect(await sessions().find(token)).toBeNull();
  });

  it('ends for every copy of its token, without ending other sessions', async () => {
    const [one, two] = [await startSession(), await startSession()];
    await sessions().end(one);
    expect(await sessions().find(one)).toBeNull();
    expect(await sessions().find(two)).not.toBeNull();
  });
});
