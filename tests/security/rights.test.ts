import {
  DATABASE_ROLES,
  type DatabaseRole,
  grantRights,
  rightsFor,
  SEQUENCE_RIGHTS,
  TABLE_RIGHTS,
} from '../../migrations/rights';
import { useDatabase } from '../support/database';
import { addLogin, type TestLogin, trySql } from '../support/logins';

const test = useDatabase();

const logins = {} as Record<DatabaseRole, TestLogin>;
beforeAll(async () => {
  for (const role of DATABASE_ROLES) logins[role] = await addLogin(test, role);
});
afterAll(async () => {
  for (const login of Object.values(logins)) await login.drop();
});

const REFUSED = '42501';

/** One right on a table, or on one of its columns, as PostgreSQL stores it. */
interface Granted {
  role: string;
  name: string;
  right: string;
  column: string | null;
}

async function grantedIn(kind: 'table' | 'sequence'): Promise<Granted[]> {
  const kinds = kind === 'table' ? ['r', 'p', 'v', 'm', 'f'] : ['S'];
  return test.db.query<Granted & Record<string, unknown>>(
    `SELECT r.rolname AS role, c.relname AS name, a.privilege_type AS right, NULL AS column
       FROM pg_class c, aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = ANY($1) AND r.rolname = ANY($2)
     UNION ALL
     SELECT r.rolname, c.relname, a.privilege_type, t.attname
       FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a
       JOIN pg_roles r ON r.oid = a.grantee
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = ANY($1) AND r.rolname = ANY($2)`,
    [kinds, DATABASE_ROLES],
  );
}

/** Splits `SELECT, UPDATE (state, reason)` into single rights. */
function expectedOf(all: typeof TABLE_RIGHTS): Granted[] {
  return DATABASE_ROLES.flatMap((role) =>
    Object.entries(all).flatMap(([name, rights]) =>
      [...(rightsFor(role, rights) ?? '').matchAll(/([A-Z]+)(?: \(([^)]+)\))?/g)].flatMap(
        ([, right = '', columns]) =>
          (columns?.split(', ') ?? [null]).map((column) => ({ role, name, right, column })),
      ),
    ),
  );
}

const inOrder = (granted: Granted[]): string[] =>
  granted
    .map(({ role, name, right, column }) => [role, name, right, column].filter(Boolean).join(' '))
    .sort();

describe('the rights of the processes', () => {
  it('are declared for every table, and for no other', async () => {
    const tables = await test.db.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')`,
    );
    expect(Object.keys(TABLE_RIGHTS).sort()).toEqual(tables.map(({ name }) => name).sort());
  });

  it('are in the database exactly as declared', async () => {
    expect(inOrder(await grantedIn('table'))).toEqual(inOrder(expectedOf(TABLE_RIGHTS)));
    expect(inOrder(await grantedIn('sequence'))).toEqual(inOrder(expectedOf(SEQUENCE_RIGHTS)));
  });

  it('are granted by every migration, which also revokes all others', async () => {
    await test.db.query('GRANT ALL ON operators, events TO ablagh_workers');
    await test.db.query('REVOKE SELECT ON notices FROM ablagh_api');
    const client = await test.db.pool.connect();
    expect(await grantRights(client)).toEqual([...DATABASE_ROLES]);
    client.release();
    expect(inOrder(await grantedIn('table'))).toEqual(inOrder(expectedOf(TABLE_RIGHTS)));
  });

  it('are never those of an owner or superuser', async () => {
    const owned = await test.db.query(
      `SELECT relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = ANY($1)`,
      [DATABASE_ROLES],
    );
    expect(owned).toEqual([]);
    const special = await test.db.query(
      'SELECT rolname FROM pg_roles WHERE rolname = ANY($1) AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolcanlogin)',
      [DATABASE_ROLES],
    );
    expect(special).toEqual([]);
  });
});

/** Statements that only the owner of the tables may run. */
const AGAINST_THE_RECORD = [
  ...['events', 'audit', 'views', 'attempts', 'notices'].flatMap((table) => [
    `DELETE FROM ${table}`,
    `TRUNCATE ${table}`,
    `DROP TABLE ${table}`,
    `ALTER TABLE ${table} DISABLE TRIGGER ALL`,
  ]),
  "UPDATE events SET actor = 'nobody'",
  "UPDATE audit SET operator = 'nobody'",
  'UPDATE views SET at = now()',
  'UPDATE attempts SET at = now()',
  'UPDATE notices SET registered_at = now()',
  'UPDATE notices SET sms_text = subject',
  'UPDATE attachments SET sha256 = sha256',
  'CREATE TABLE mine (a int)',
  'CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
  'DROP FUNCTION refuse_change CASCADE',
  'SELECT * FROM pg_authid',
  "COPY notices TO PROGRAM 'cat'",
  'SET ROLE ablagh',
];

describe.each(['ablagh_api', 'ablagh_workers'] as const)('%s', (role) => {
  it.each(AGAINST_THE_RECORD)('may not: %s', async (sql) => {
    expect(await trySql(logins[role], sql)).toBe(REFUSED);
  });
});

it.each<[DatabaseRole, string]>([
  [
    'ablagh_api',
    'INSERT INTO attempts (id, alert_id, provider, at, outcome) VALUES (1, 1, $$x$$, now(), $$accepted$$)',
  ],
  ['ablagh_api', "UPDATE attempts SET outcome = 'accepted'"],
  ['ablagh_api', "SELECT nextval('attempt_ids')"],
  ['ablagh_api', 'UPDATE alerts SET address = address'],
  ['ablagh_api', 'UPDATE notices SET first_viewed_at = now()'],
  ['ablagh_api', "UPDATE operators SET role = 'operator'"],
  ['ablagh_api', "INSERT INTO operators (name, role, password_hash) VALUES ('me', 'operator', 'x')"],
  ['ablagh_api', "INSERT INTO api_keys (id, source_id, secret_hash, scopes) VALUES ('k', 1, 'h', '{}')"],
  ['ablagh_api', 'UPDATE api_keys SET revoked_at = NULL'],
  ['ablagh_api', "UPDATE queue_epoch SET epoch = 'x'"],
  ['ablagh_workers', 'INSERT INTO restores DEFAULT VALUES'],
  ['ablagh_workers', 'UPDATE restores SET timeline = database_timeline()'],
  ['ablagh_workers', 'SELECT password_hash FROM operators'],
  ['ablagh_workers', 'SELECT * FROM operator_sessions'],
  ['ablagh_workers', 'SELECT token_hash FROM sessions'],
  [
    'ablagh_workers',
    "INSERT INTO audit (operator, role, action, subject, outcome) VALUES ('x', 'x', 'x', 'x', 'done')",
  ],
  ['ablagh_workers', 'SELECT * FROM audit'],
  ['ablagh_workers', 'SELECT passcode_cipher FROM permits'],
  ['ablagh_workers', 'SELECT passcode_hash FROM permits'],
  ['ablagh_workers', "UPDATE permits SET expires_at = 'infinity'"],
  ['ablagh_workers', 'SELECT national_id FROM inquiries'],
  ['ablagh_workers', 'UPDATE employers SET mobile = NULL'],
  ['ablagh_workers', "INSERT INTO api_keys (id, source_id, secret_hash, scopes) VALUES ('k', 1, 'h', '{}')"],
  ['ablagh_senders', 'SELECT * FROM public.notices'],
  ['ablagh_senders', 'SELECT * FROM public.api_keys'],
  ['ablagh_senders', 'CREATE TABLE bullmq.mine (a int)'],
])('%s may not: %s', async (role, sql) => {
  expect(await trySql(logins[role], sql)).toBe(REFUSED);
});

const addAttempt = (alertId: number, outcome: string) =>
  test.db.query(
    `INSERT INTO attempts (id, alert_id, provider, at, outcome) VALUES (nextval('attempt_ids'), $1, 'kavenegar', now(), $2)`,
    [alertId, outcome],
  );

/** Grants are one guard, triggers another: triggers also bind the owner of the tables. */
describe('the record', () => {
  it.each([
    "UPDATE attempts SET outcome = 'rejected' WHERE outcome = 'accepted'",
    "UPDATE attempts SET provider_message_id = 'another' WHERE outcome = 'accepted'",
    "UPDATE attempts SET at = now() WHERE outcome = 'accepted'",
    "UPDATE attempts SET settled_at = now() WHERE outcome = 'accepted'",
    'DELETE FROM attempts',
    'TRUNCATE attempts',
    'UPDATE views SET at = now()',
    'DELETE FROM views',
    'TRUNCATE views CASCADE',
    'UPDATE events SET at = now()',
    'DELETE FROM audit',
  ])('keeps its owner from: %s', async (sql) => {
    await addAttempt(1, 'accepted');
    expect(await trySql(test, sql)).toBe('23001');
  });

  it.each(['accepted', 'rejected', 'try_later', 'not_sent'])(
    'refuses its owner any change to an attempt that is %s',
    async (outcome) => {
      await addAttempt(3, outcome);
      const columns = await test.db.query<{ name: string }>(
        `SELECT attname AS name FROM pg_attribute WHERE attrelid = 'attempts'::regclass AND attnum > 0 AND NOT attisdropped`,
      );
      for (const { name } of columns) {
        const change = `UPDATE attempts SET ${name} = ${name} WHERE alert_id = 3 AND outcome = '${outcome}'`;
        expect([name, await trySql(test, change)]).toEqual([name, '23001']);
      }
    },
  );

  it('refuses the workers any change to a settled attempt', async () => {
    await addAttempt(4, 'accepted');
    const change = 'UPDATE attempts SET settled_at = now() WHERE alert_id = 4';
    expect(await trySql(logins.ablagh_workers, change)).toBe('23001');
  });

  it('allows an attempt of unknown outcome to be settled once', async () => {
    const settle = `UPDATE attempts SET outcome = 'accepted' WHERE alert_id = 2`;
    await addAttempt(2, 'unknown');
    await test.db.query(settle);
    expect(await trySql(test, settle)).toBe('23001');
  });
});
