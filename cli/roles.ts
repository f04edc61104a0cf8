import { Client } from 'pg';
import { AblaghError, codeOf } from '../core/platform/errors';
import { DATABASE_ROLES, grantRights, listRoles } from '../migrations/rights';
import type { Command, CommandInput } from './command';
import { loadSettings } from './settings';

/** SQLSTATE: insufficient privilege. */
const INSUFFICIENT_PRIVILEGE = '42501';

async function createRoles({ env }: CommandInput) {
  const { DATABASE_URL } = loadSettings(env, ['DATABASE_URL']);
  const client = new Client({ connectionString: DATABASE_URL, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const present = await listRoles(client);
    const missing = DATABASE_ROLES.filter((role) => !present.includes(role));
    await client.query(missing.map((role) => `CREATE ROLE ${role} NOLOGIN;`).join('\n'));
    // PostgreSQL 14 lets every role create functions in the schema where these are looked up.
    await client.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
    await grantRights(client);
    return { data: { created: missing, granted: DATABASE_ROLES }, text: describe(missing) };
  } catch (error) {
    throw explainPrivilegeError(error);
  } finally {
    await client.end();
  }
}

const describe = (created: readonly string[]): string =>
  [
    created.length > 0 ? `Created: ${created.join(', ')}.` : 'All of them were there.',
    'Their rights are given. Now let a login into each that is used, as an administrator:',
    `  CREATE ROLE api LOGIN PASSWORD '…' IN ROLE ${DATABASE_ROLES[0]};`,
    `  CREATE ROLE workers LOGIN PASSWORD '…' IN ROLE ${DATABASE_ROLES[1]};`,
  ].join('\n');

function explainPrivilegeError(error: unknown): unknown {
  if (codeOf(error) !== INSUFFICIENT_PRIVILEGE) return error;
  const sql = DATABASE_ROLES.map((role) => `CREATE ROLE ${role} NOLOGIN;`).join(' ');
  const message = `This login may not do that. Have an administrator run: ${sql} Then run "ablagh migrate" as the owner of the tables.`;
  return new AblaghError('not_allowed', message, { cause: error });
}

export const roleCommands: Command[] = [
  {
    path: ['roles', 'create'],
    parameters: [],
    summary:
      'makes the database roles of the API, the workers and systems that push, with their rights (docs/operation.md)',
    run: createRoles,
  },
];
