import { runCommand } from '../../cli/run-command';
import { createOperatorSessions } from '../../core/operators/operator-sessions';
import { createOperators } from '../../core/operators/operators';
import { useDatabase } from '../support/database';
import { startOperatorSession } from '../support/operator';

const test = useDatabase();

async function run(...args: string[]) {
  let out = '';
  let err = '';
  const exitCode = await runCommand(args, {
    env: { DATABASE_URL: test.url, SECRET_KEY: 'a secret of more than thirty-two bytes' },
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { exitCode, out, err };
}

async function json(...args: string[]) {
  const { exitCode, out, err } = await run(...args, '--json');
  expect([exitCode, err]).toEqual([0, '']);
  expect(out.trimEnd().split('\n')).toHaveLength(1);
  return JSON.parse(out);
}

it('adds an operator with a generated password, in the given role', async () => {
  const added = await json('operator', 'add', 'sara', '--role', 'viewer');
  expect(Object.keys(added)).toEqual(['name', 'password']);
  expect(added.name).toBe('sara');
  expect(await createOperators(test.db).signIn('sara', added.password)).toMatchObject({ role: 'viewer' });
});

it('shows the password once, in a short text', async () => {
  const { exitCode, out } = await run('operator', 'add', 'reza.k', '--role', 'operator');
  expect(exitCode).toBe(0);
  expect(out).toMatch(
    /^reza\.k may sign in at \/ops, as operator\.\nThe password, shown this once: (\w{5}-){3}\w{5}\n$/,
  );
  const password = /once: (\S+)/.exec(out)?.[1] as string;
  expect((await run('operator', 'list')).out).not.toContain(password);
});

it('gives an existing operator a new password and role, and signs them out', async () => {
  const first = await json('operator', 'add', 'again', '--role', 'viewer');
  const token = await startOperatorSession(test.db, 'again');
  const second = await json('operator', 'add', 'again', '--role', 'operator');
  const operators = createOperators(test.db);
  await expect(operators.signIn('again', first.password)).rejects.toMatchObject({ code: 'unauthorized' });
  expect(await operators.signIn('again', second.password)).toMatchObject({ role: 'operator' });
  expect(await createOperatorSessions(test.db).find(token)).toBeNull();
});

it('lists the operators, without removed ones', async () => {
  await json('operator', 'add', 'goes', '--role', 'viewer');
  await json('operator', 'add', 'stays', '--role', 'operator');
  const token = await startOperatorSession(test.db, 'goes');
  expect(await json('operator', 'remove', 'goes')).toEqual({ removed: 'goes' });
  const { operators } = await json('operator', 'list');
  expect(operators).toContainEqual({ name: 'stays', role: 'operator' });
  expect(JSON.stringify(operators)).not.toContain('goes');
  expect((await run('operator', 'list')).out).toContain('stays  operator\n');
  expect(await createOperatorSessions(test.db).find(token)).toBeNull();
  const again = await run('operator', 'remove', 'goes', '--json');
  expect(again).toEqual({ exitCode: 1, out: '', err: '"goes" names no operator.\n' });
});

it.each([
  ['no role', ['add', 'ali'], 'The role is missing: --role viewer or --role operator.'],
  ['an unknown role', ['add', 'ali', '--role', 'admin'], 'There is no role "admin": --role viewer'],
  ['a name that is none', ['add', 'علی', '--role', 'viewer'], '"علی" is no name'],
  ['no name', ['add', '--role', 'viewer'], '"operator add" takes NAME.'],
  ['a role where none belongs', ['list', '--role', 'viewer'], '"operator list" has no option --role.'],
])('answers %s with the usage and exit code 1, and adds no operator', async (_name, args, message) => {
  const before = await json('operator', 'list');
  const { exitCode, out, err } = await run('operator', ...args, '--json');
  expect([exitCode, out]).toEqual([1, '']);
  expect(err).toContain(message);
  expect(err).toContain('Usage: npm run --silent ablagh');
  expect(await json('operator', 'list')).toEqual(before);
});
