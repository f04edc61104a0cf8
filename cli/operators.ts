import {
  createOperators,
  isOperatorName,
  OPERATOR_ROLES,
  type OperatorRole,
} from '../core/operators/operators';
import { AblaghError } from '../core/platform/errors';
import { type Command, type CommandInput, UsageError } from './command';
import { withDatabase } from './with-database';

type Operators = ReturnType<typeof createOperators>;

const withOperators = <T>(env: NodeJS.ProcessEnv, work: (operators: Operators) => Promise<T>): Promise<T> =>
  withDatabase(env, (db) => work(createOperators(db)));

async function add({ args, options, env }: CommandInput) {
  const [name] = args as [string];
  if (!isOperatorName(name)) {
    throw new UsageError(`"${name}" is no name: up to 64 letters, digits, dots, dashes and underscores.`);
  }
  const role = parseRole(options.role);
  const added = await withOperators(env, (operators) => operators.add(name, role));
  const text = `${name} may sign in at /ops, as ${role}.\nThe password, shown this once: ${added.password}`;
  return { data: added, text };
}

/** Parses the role, which has no default: the administrator decides what an operator may do. */
function parseRole(given: string | undefined): OperatorRole {
  const role = OPERATOR_ROLES.find((known) => known === given);
  if (role) return role;
  const wanted = OPERATOR_ROLES.map((known) => `--role ${known}`).join(' or ');
  throw new UsageError(
    given === undefined ? `The role is missing: ${wanted}.` : `There is no role "${given}": ${wanted}.`,
  );
}

async function list({ env }: CommandInput) {
  const operators = await withOperators(env, (all) => all.list());
  const text = operators.map(({ name, role }) => `${name}  ${role}`).join('\n');
  return { data: { operators }, text: text || 'There are no operators yet.' };
}

async function remove({ args, env }: CommandInput) {
  const [name] = args as [string];
  const removed = await withOperators(env, (operators) => operators.remove(name));
  if (!removed) throw new AblaghError('no_such_operator', `"${name}" names no operator.`);
  return { data: { removed: name }, text: `Removed: ${name}` };
}

export const operatorCommands: Command[] = [
  {
    path: ['operator', 'add'],
    parameters: ['NAME'],
    options: ['role'],
    usage: `--role ${OPERATOR_ROLES.join('|')}`,
    summary: 'lets a person in at /ops; the password is shown once (of one who is in already: a new one)',
    run: add,
  },
  { path: ['operator', 'list'], parameters: [], summary: 'who may sign in at /ops', run: list },
  {
    path: ['operator', 'remove'],
    parameters: ['NAME'],
    summary: 'signs a person out, and lets them in no longer',
    run: remove,
  },
];
