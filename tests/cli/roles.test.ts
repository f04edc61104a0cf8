import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../cli/run-command';
import { createDatabase, type Database } from '../../core/platform/database';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../embedded/postgres/start-embedded-postgres';
import { migrate } from '../../migrations/migrate';
import { DATABASE_ROLES } from '../../migrations/rights';
import { trySql } from '../support/logins';

jest.setTimeout(60_000);

/** A server of its own: roles belong to a whole server, and the shared one has these already. */
let postgres: EmbeddedPostgres;
let folder: string;
let db: Database;
/** Creates an owner of the tables without other rights. */
let ownerUrl: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ablagh-roles-'));
  chmodSync(folder, 0o755);
  postgres = await startEmbeddedPostgres({ dataDir: folder, durable: false });
  db = createDatabase(postgres.url, { max: 2 });
  await db.query(`CREATE ROLE owner LOGIN PASSWORD 'its own'`);
  await db.query('CREATE DATABASE owned OWNER owner');
  ownerUrl = as('owner');
});
afterAll(async () => {
  await db.close();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

function as(login: string): string {
  const url = new URL(postgres.url);
  url.username = login;
  url.password = 'its own';
  url.pathname = '/owned';
  return url.href;
}

async function rolesCreate(databaseUrl: string) {
  let out = '';
  let err = '';
  const exitCode = await runCommand(['roles', 'create', '--json'], {
    env: { DATABASE_URL: databaseUrl, SECRET_KEY: 'a secret of more than thirty-two bytes' },
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { exitCode, err, data: out && JSON.parse(out) };
}

it('an owner who is no superuser migrates without the roles, and learns which right is missing', async () => {
  expect(await migrate(ownerUrl)).not.toEqual([]);
  expect(await migrate(ownerUrl)).toEqual([]);
  const { exitCode, err } = await rolesCreate(ownerUrl);
  expect(exitCode).toBe(1);
  expect(err).toContain('CREATE ROLE ablagh_api NOLOGIN;');
  expect(err).toContain('ablagh migrate');
});

it('an administrator makes the roles, once, and each login has the rights of its role from then on', async () => {
  const admin = new URL(postgres.url);
  admin.pathname = '/owned';
  expect(await rolesCreate(admin.href)).toMatchObject({
    exitCode: 0,
    data: { created: [...DATABASE_ROLES] },
  });
  expect(await rolesCreate(admin.href)).toMatchObject({ exitCode: 0, data: { created: [] } });
  for (const role of DATABASE_ROLES)
    await db.query(`CREATE ROLE in_${role} LOGIN PASSWORD 'its own' IN ROLE ${role}`);
  const url = (role: string) => ({ url: as(`in_${role}`) });
  expect(await trySql(url('ablagh_api'), 'SELECT FROM operators')).toBe('done');
  expect(await trySql(url('ablagh_workers'), 'SELECT FROM alerts')).toBe('done');
  expect(await trySql(url('ablagh_workers'), 'SELECT FROM operators')).toBe('42501');
  expect(await trySql(url('ablagh_senders'), 'SELECT FROM bullmq.job')).toBe('done');
  expect(await trySql(url('ablagh_senders'), 'SELECT FROM public.alerts')).toBe('42501');
});

it('roles that came later get their rights when the owner migrates again', async () => {
  const inDatabase = { url: as('in_ablagh_api') };
  const client = createDatabase(ownerUrl, { max: 1 });
  await client.query('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ablagh_api');
  expect(await trySql(inDatabase, 'SELECT FROM notices')).toBe('42501');
  await client.close();
  await migrate(ownerUrl);
  expect(await trySql(inDatabase, 'SELECT FROM notices')).toBe('done');
});
