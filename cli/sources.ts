import { AblaghError } from '../core/platform/errors';
import { createSourceSystems, SCOPES, type Scope, type SourceSystem } from '../core/sources/source-systems';
import { singleLineText } from '../core/text/plain-text';
import { type Command, type CommandInput, UsageError } from './command';
import { withDatabase } from './with-database';

/** The title is shown on pages, in emails and in terminals. */
const titleSchema = singleLineText(200);

type Sources = ReturnType<typeof createSourceSystems>;

const withSourceSystems = <T>(env: NodeJS.ProcessEnv, work: (sources: Sources) => Promise<T>): Promise<T> =>
  withDatabase(env, (db) => work(createSourceSystems(db)));

async function add({ args, options, env }: CommandInput) {
  const [code, title] = args as [string, string];
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(code)) {
    throw new UsageError(`"${code}" is no code: up to 64 letters, digits, dots, dashes and underscores.`);
  }
  if (!titleSchema.safeParse(title).success)
    throw new UsageError('The title must be a line of text, of up to 200 characters.');
  const scopes = parseScopes(options.scope);
  const key = await withSourceSystems(env, (sources) => sources.add(code, title, scopes));
  const text = `${key.code} was added, for ${scopes.join(', ')}.\nIts API key, shown this once: ${key.apiKey}`;
  return { data: key, text };
}

async function addKey({ args, options, env }: CommandInput) {
  const [code] = args as [string];
  const scopes = options.scope === undefined ? null : parseScopes(options.scope);
  const key = await withSourceSystems(env, (sources) => sources.addKey(code, scopes));
  const text = `${code} has one more key; revoke the other once it uses this one.\nThe API key, shown this once: ${key.apiKey}`;
  return { data: key, text };
}

function parseScopes(given = 'notices'): Scope[] {
  const names = given.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !SCOPES.includes(name as Scope));
  if (unknown.length > 0) {
    const quoted = unknown.map((name) => `"${name}"`).join(', ');
    throw new UsageError(`There is no scope ${quoted}; there are ${SCOPES.join(', ')}.`);
  }
  return [...new Set(names as Scope[])];
}

async function list({ env }: CommandInput) {
  const sources = await withSourceSystems(env, (systems) => systems.list());
  return { data: { sources }, text: sources.map(describe).join('\n') || 'There are no source systems yet.' };
}

const describe = ({ code, title, keys }: SourceSystem): string =>
  [
    `${code}  ${title}`,
    ...keys.map(
      ({ keyId, scopes, revokedAt }) => `  ${keyId}  ${scopes.join(', ')}${revokedAt ? '  revoked' : ''}`,
    ),
  ].join('\n');

async function revoke({ args, env }: CommandInput) {
  const [codeOrKeyId] = args as [string];
  const revoked = await withSourceSystems(env, (sources) => sources.revoke(codeOrKeyId));
  if (revoked.length === 0) {
    throw new AblaghError('nothing_to_revoke', `"${codeOrKeyId}" names no key that could still be used.`);
  }
  return { data: { revoked }, text: `Revoked: ${revoked.join(', ')}` };
}

export const sourceCommands: Command[] = [
  {
    path: ['source', 'add'],
    parameters: ['CODE', 'TITLE'],
    options: ['scope'],
    usage: `[--scope ${SCOPES.join(',')}]`,
    summary: 'lets an internal system in; its API key is shown once (scope: notices, if none is named)',
    run: add,
  },
  {
    path: ['source', 'key'],
    parameters: ['CODE'],
    options: ['scope'],
    usage: `[--scope ${SCOPES.join(',')}]`,
    summary: 'gives a system one more API key, shown once; those it has go on working until they are revoked',
    run: addKey,
  },
  { path: ['source', 'list'], parameters: [], summary: 'the internal systems and their keys', run: list },
  {
    path: ['source', 'revoke'],
    parameters: ['CODE|KEYID'],
    summary: 'refuses a key, or all keys of a system, from now on',
    run: revoke,
  },
];
