import { createOperators, isOperatorName, ROLES, type Role } from '../core/operators/operators';
import { createDatabase } from '../core/platform/database';
import { AblaghError } from '../core/platform/errors';
import { type Command, type Input, UsageError } from './command';
import { loadSettings } from './settings';

type Operators = ReturnType<typeof createOperators>;

async function onOperators<T>(
  env: NodeJS.ProcessEnv,
  work: (operators: Operators) => Promise<T>,
): Promise<T> {
  const { DATABASE_URL } = loadSettings(env, ['DATABASE_URL']);
  const db = createDatabase(DATABASE_URL, { max: 1, name: 'ablagh-cli' });
  try {
    return await work(createOperators(db));
  } finally {
    await db.close();
  }
}

async function add({ args, options, env }: Input) {
  const [name] = args as [string];
  if (!isOperatorName(name)) {
    throw new UsageError(`"${name}" is no name: up to 64 letters, digits, dots, dashes and underscores.`);
  }
  const role = readRole(options.role);
  const added = await onOperators(env, (operators) => operators.add(name, role));
  const text = `${name} may sign in at /ops, as ${role}.\nThe password, shown this once: ${added.password}`;
  return { data: added, text };
}

/** There is no usual one: what somebody may do to the running system is decided by whoever lets them in. */
function readRole(given: string | undefined): Role {
  const role = ROLES.find((known) => known === given);
  if (role) return role;
  const wanted = ROLES.map((known) => `--role ${known}`).join(' or ');
  throw new UsageError(
    given === undefined ? `The role is missing: ${wanted}.` : `There is no role "${given}": ${wanted}.`,
  );
}

async function list({ env }: Input) {
  const operators = await onOperators(env, (all) => all.list());
  const text = operators.map(({ name, role }) => `${name}  ${role}`).join('\n');
  return { data: { operators }, text: text || 'There are no operators yet.' };
}

async function remove({ args, env }: Input) {
  const [name] = args as [string];
  const removed = await onOperators(env, (operators) => operators.remove(name));
  if (!removed) throw new AblaghError('no_such_operator', `"${name}" names no operator.`);
  return { data: { removed: name }, text: `Removed: ${name}` };
}

export const operatorCommands: Command[] = [
  {
    words: ['operator', 'add'],
    takes: ['NAME'],
    options: ['role'],
    usage: `--role ${ROLES.join('|')}`,
    does: 'lets a person in at /ops; the password is shown once (of one who is in already: a new one)',
    run: add,
  },
  { words: ['operator', 'list'], takes: [], does: 'who may sign in at /ops', run: list },
  {
    words: ['operator', 'remove'],
    takes: ['NAME'],
    does: 'signs a person out, and lets them in no longer',
    run: remove,
  },
];
