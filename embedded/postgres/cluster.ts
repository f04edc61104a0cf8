import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Binaries } from './binaries';
import type { ClusterLocation } from './cluster-location';

const SUPERUSER = 'ablagh';
const DATABASE = 'ablagh';

/**
 * Reads the password of the cluster. The first start makes it; only its owner can read the file.
 *
 * @throws Error when the data folder has a cluster whose password was lost.
 */
export async function readPassword(dataDir: string, location: ClusterLocation): Promise<string> {
  const file = join(dataDir, 'postgres-password');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  if (existsSync(location.cluster)) {
    if (!location.relocated)
      throw new Error(`${file} is missing: put it back, or delete ${location.cluster} as well`);
    // The person who deleted the data folder could not know of the cluster elsewhere.
    rmSync(location.cluster, { recursive: true });
  }
  const password = randomBytes(24).toString('base64url');
  writeFileSync(file, password, { mode: 0o600 });
  return password;
}

/** Makes the cluster if there is none. A kill at any moment leaves either no cluster or a whole one. */
export async function initialiseCluster(
  { initdb }: Binaries,
  { cluster, user }: ClusterLocation,
  password: string,
  durable: boolean,
): Promise<void> {
  if (existsSync(join(cluster, 'PG_VERSION'))) return;
  const fresh = `${cluster}.new`;
  const passwordFile = `${cluster}.new-password`;
  for (const path of [cluster, fresh, passwordFile]) rmSync(path, { recursive: true, force: true });
  mkdirSync(fresh, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user) for (const path of [fresh, passwordFile]) chownSync(path, user.uid, user.gid);
  try {
    const flags = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', `--username=${SUPERUSER}`];
    if (!durable) flags.push('--no-sync');
    await runToEnd(initdb, [`--pgdata=${fresh}`, `--pwfile=${passwordFile}`, ...flags], user);
    renameSync(fresh, cluster);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function runToEnd(program: string, args: string[], user: ClusterLocation['user']): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, {
      ...user,
      cwd: '/',
      env: plainEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-4_000);
      });
    }
    child.once('error', fail);
    child.once('close', (code) => (code === 0 ? done() : fail(new Error(`initdb failed: ${output}`))));
  });
}

/** The environment of PostgreSQL's programs: no PG* variables of our own parent, and messages in the language we look for. */
export const plainEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  LC_ALL: 'C',
  TZ: 'UTC',
});

/** Makes the database if it does not exist. @returns its URL */
export async function openDatabase(port: number, password: string): Promise<string> {
  const server = `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}`;
  const client = new Client({ connectionString: `${server}/postgres`, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
  return `${server}/${DATABASE}`;
}
