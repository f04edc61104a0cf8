import { createHash } from 'node:crypto';
import { createOperatorSessions } from '../../../core/operators/operator-sessions';
import { createOperators, isOperatorName } from '../../../core/operators/operators';
import type { Queryable } from '../../../core/platform/database';
import { useDatabase } from '../../support/database';
import { startOperatorSession } from '../../support/operator';
import { textOf } from '../../support/statement-text';

const test = useDatabase();
/** A full-cost guess takes 200 ms; the cost itself is tested with the passwords. */
const scryptCost = { N: 2 ** 10, r: 8, p: 1 };
const operators = () => createOperators(test.db, { scryptCost });
const sessions = () => createOperatorSessions(test.db);
let serial = 0;

async function addOperator(role: 'viewer' | 'operator' = 'operator') {
  serial += 1;
  return operators().add(`somebody-${serial}`, role);
}

/** Returns a name without an operator: wrong passwords count for such names too. */
const unknownName = () => {
  serial += 1;
  return `nobody-${serial}`;
};

const hashOf = (name: string) => createHash('sha256').update(name).digest();
const wrong = (name: string) =>
  operators()
    .signIn(name, 'wrong')
    .catch(({ code }) => code);

/** Sets the number of wrong passwords in a row. */
const setWrongTries = (name: string, count: number) =>
  test.db.query(
    `INSERT INTO operator_tries (name_hash, wrong_in_a_row) VALUES ($1, $2)
     ON CONFLICT (name_hash) DO UPDATE SET wrong_in_a_row = $2, locked_until = NULL`,
    [hashOf(name), count],
  );
/** Ends the lock, as the clock would. */
const expireLock = (name: string) =>
  test.db.query('UPDATE operator_tries SET locked_until = now() WHERE name_hash = $1', [hashOf(name)]);
async function lockMinutes(name: string): Promise<number | undefined> {
  const [row] = await test.db.query<{ minutes: number }>(
    'SELECT round(extract(epoch FROM locked_until - tried_at) / 60)::int AS minutes FROM operator_tries WHERE name_hash = $1',
    [hashOf(name)],
  );
  return row?.minutes;
}

describe('signing in', () => {
  it('needs the right name with its password', async () => {
    const [one, two] = [await addOperator('viewer'), await addOperator()];
    expect(await operators().signIn(one.name, one.password)).toEqual({
      id: expect.any(Number),
      name: one.name,
      role: 'viewer',
    });
    const pairs = [
      [one.name, two.password],
      [one.name, ''],
      ['nobody-at-all', one.password],
      [one.name.toUpperCase(), one.password],
    ] as const;
    for (const [name, password] of pairs) {
      await expect(operators().signIn(name, password)).rejects.toMatchObject({ code: 'unauthorized' });
    }
  });

  it('stores no password', async () => {
    const { name, password } = await addOperator();
    await operators().signIn(name, password);
    const rows = await test.db.query<{ text: string }>(
      `SELECT o::text AS text FROM operators o UNION ALL SELECT t::text FROM operator_tries t`,
    );
    expect(rows.map(({ text }) => text).join()).not.toContain(password);
  });

  it('locks the name after five wrong passwords in a row, even for the right one, until the lock expires', async () => {
    const { name, password } = await addOperator();
    for (let i = 0; i < 5; i += 1) expect(await wrong(name)).toBe('unauthorized');
    expect(await lockMinutes(name)).toBe(1);
    await expect(operators().signIn(name, password)).rejects.toMatchObject({ code: 'locked_out' });
    await expireLock(name);
    expect(await operators().signIn(name, password)).toMatchObject({ name });
  });

  it('doubles the lock with each further wrong password, up to an hour', async () => {
    const name = unknownName();
    const minutes = [];
    for (const count of [4, 5, 6, 9, 10, 900]) {
      await setWrongTries(name, count);
      await wrong(name);
      minutes.push(await lockMinutes(name));
    }
    expect(minutes).toEqual([1, 2, 4, 32, 60, 60]);
  });

  it('restarts the count after the right password, and after a day', async () => {
    const { name, password } = await addOperator();
    await setWrongTries(name, 4);
    await operators().signIn(name, password);
    expect(await wrong(name)).toBe('unauthorized');
    expect(await lockMinutes(name)).toBeNull();
    await setWrongTries(name, 4);
    await test.db.query(
      `UPDATE operator_tries SET tried_at = now() - interval '25 hours' WHERE name_hash = $1`,
      [hashOf(name)],
    );
    await wrong(name);
    expect(await lockMinutes(name)).toBeNull();
  });

  it('answers and locks for a name without an operator as for one with an operator', async () => {
    const { name } = await addOperator();
    const answers = [];
    for (const typed of [name, unknownName()]) {
      const given = [];
      await setWrongTries(typed, 3);
      for (let i = 0; i < 3; i += 1) given.push(await wrong(typed));
      answers.push([given, await lockMinutes(typed)]);
    }
    expect(answers[0]).toEqual([['unauthorized', 'unauthorized', 'locked_out'], 1]);
    expect(answers[1]).toEqual(answers[0]);
  });

  it('stores a typed name only as a hash, and removes it after a day', async () => {
    await wrong('pass-word-in-the-wrong-field');
    const [row] = await test.db.query<{ text: string }>(
      `SELECT string_agg(t::text, ' ') AS text FROM operator_tries t`,
    );
    expect(row?.text).not.toContain('pass-word');
    await test.db.query(`UPDATE operator_tries SET tried_at = now() - interval '25 hours'`);
    await wrong('somebody else');
    expect(await test.db.query('SELECT name_hash FROM operator_tries')).toEqual([
      { name_hash: hashOf('somebody else') },
    ]);
  });

  it('refuses the right password when wrong ones locked the name during its check', async () => {
    const { name, password } = await addOperator();
    const lockedMeanwhile: Queryable = {
      async query(statement, values) {
        const rows = await test.db.query(statement, values);
        if (textOf(statement).startsWith('/* find-operator */'))
          await setWrongTries(name, 4).then(() => wrong(name));
        return rows;
      },
    };
    await expect(
      createOperators(lockedMeanwhile, { scryptCost }).signIn(name, password),
    ).rejects.toMatchObject({
      code: 'locked_out',
    });
    expect(await lockMinutes(name)).toBe(1);
  });

  it('does not count a wrong password whose check ended while the name was locked', async () => {
    const name = unknownName();
    await setWrongTries(name, 4);
    await Promise.all([wrong(name), wrong(name), wrong(name)]);
    expect(await lockMinutes(name)).toBe(1);
  });
});

describe('an operator', () => {
  it('loses all sessions at once when removed', async () => {
    const { name, password } = await addOperator();
    const token = await startOperatorSession(test.db, name);
    expect(await sessions().find(token)).toMatchObject({ name, role: 'operator' });
    expect(await operators().remove(name)).toBe(true);
    expect(await sessions().find(token)).toBeNull();
    expect(await wrong(name)).toBe('unauthorized');
    await expect(operators().signIn(name, password)).rejects.toMatchObject({ code: 'unauthorized' });
    expect(await operators().list()).not.toContainEqual(expect.objectContaining({ name }));
    expect(await operators().remove(name)).toBe(false);
  });

  it('added again has another password and none of the earlier sessions', async () => {
    const { name, password } = await addOperator();
    const token = await startOperatorSession(test.db, name);
    await operators().remove(name);
    const again = await operators().add(name, 'viewer');
    expect(again.password).not.toBe(password);
    expect(await sessions().find(token)).toBeNull();
    expect(await operators().signIn(name, again.password)).toMatchObject({ role: 'viewer' });
  });

  it('is signed out by a new password, which works although the name was locked', async () => {
    const { name, password } = await addOperator();
    const token = await startOperatorSession(test.db, name);
    await setWrongTries(name, 4);
    await wrong(name);
    const next = await operators().add(name, 'operator');
    expect(await sessions().find(token)).toBeNull();
    expect(await operators().signIn(name, next.password)).toMatchObject({ name });
    await expect(operators().signIn(name, password)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('has the present role, also in a session that started with another', async () => {
    const { name } = await addOperator('operator');
    const token = await startOperatorSession(test.db, name);
    await test.db.query(`UPDATE operators SET role = 'viewer' WHERE name = $1`, [name]);
    expect(await sessions().find(token)).toMatchObject({ role: 'viewer' });
  });

  it.each(['sara', 'S.Ahmadi-2', '0', 'a'.repeat(64)])('may be called %s', (name) => {
    expect(isOperatorName(name)).toBe(true);
  });
  it.each(['', '.a', 'a b', 'علی', 'a'.repeat(65), 'a\n', '<b>'])('may not be called %j', (name) => {
    expect(isOperatorName(name)).toBe(false);
  });
});
