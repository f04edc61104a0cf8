import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { cp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Client } from 'pg';
import { repairNative } from '../../../embedded/postgres/binaries';
import { runningPostmaster } from '../../../embedded/postgres/left-over-postmaster';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../../embedded/postgres/start-embedded-postgres';
import { until } from '../../support/until';

const ROOT = resolve(__dirname, '../../..');
jest.setTimeout(60_000);

/** One for all tests: making a cluster takes longer than all they do with it. */
let folder: string;
let dataDir: string;
const started: EmbeddedPostgres[] = [];
const parents: ChildProcess[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ablagh-postgres-'));
  chmodSync(folder, 0o755);
  dataDir = join(folder, 'data');
});

afterEach(async () => {
  for (const parent of parents.splice(0)) parent.kill('SIGKILL');
  await Promise.all(started.splice(0).map((postgres) => postgres.stop()));
  await until(() => !runningPostmaster(cluster()), { timeout: 20_000 });
});

afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

const cluster = () => join(dataDir, 'postgres');
const postmasterPid = () => runningPostmaster(cluster())?.pid as number;

async function start({ durable = false } = {}): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDir, durable });
  started.push(postgres);
  return postgres;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Commits a row. @returns a query that finds it again, and nothing else */
async function keepSomething(url: string): Promise<(url: string) => Promise<void>> {
  const value = randomUUID();
  await query(url, 'CREATE TABLE IF NOT EXISTS kept (value text)');
  await query(url, `INSERT INTO kept VALUES ('${value}')`);
  return async (later) => {
    expect(await query(later, `SELECT value FROM kept WHERE value = '${value}'`)).toEqual([{ value }]);
  };
}

/** A process of its own that starts PostgreSQL on the same folder, tells its URL and stays. */
async function startParent(): Promise<{ parent: ChildProcess; url: string }> {
  const code = `
    process.on('SIGINT', () => {});
    require('./embedded/postgres/start-embedded-postgres').startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, durable: false })
      .then(({ url }) => process.send(url));
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--require', './embedded/typescript-register.cjs', '-e', code], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  parents.push(parent);
  const [url] = await once(parent, 'message');
  return { parent, url };
}

test('a new cluster is UTF-8 in the C locale, holds the database and listens on the loopback only', async () => {
  const { url } = await start();
  expect(url).toMatch(/^postgres:\/\/ablagh:[\w-]{32}@127\.0\.0\.1:\d+\/ablagh$/);
  const [facts] = await query(
    url,
    `SELECT current_setting('server_encoding') AS encoding, current_setting('listen_addresses') AS listens,
            current_setting('unix_socket_directories') AS sockets, current_setting('max_connections') AS max,
            current_setting('password_encryption') AS auth,
            (SELECT datcollate FROM pg_database WHERE datname = current_database()) AS locale`,
  );
  expect(facts).toEqual({
    encoding: 'UTF8',
    listens: '127.0.0.1',
    sockets: '',
    max: '300',
    auth: 'scram-sha-256',
    locale: 'C',
  });
  expect(statSync(join(dataDir, 'postgres-password')).mode & 0o777).toBe(0o600);
  await expect(query(url.replace(/:[\w-]{32}@/, ':wrong@'), 'SELECT 1')).rejects.toThrow('password');
});

test('a second start finds the data again', async () => {
  const first = await start();
  const expectKept = await keepSomething(first.url);
  await first.stop();
  const second = await start();
  await expectKept(second.url);
});

test('after stop PostgreSQL is gone, even with a connection open, and a second stop is harmless', async () => {
  const postgres = await start();
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  client.on('error', () => {});
  const cut = new Promise((ended) => client.once('end', ended));
  const pid = postmasterPid();
  await postgres.stop();
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  await Promise.all([cut, postgres.exited, postgres.stop()]);
});

test('PostgreSQL ends by itself when its parent was killed', async () => {
  const { parent } = await startParent();
  const pid = postmasterPid();
  parent.kill('SIGKILL');
  await until(() => !isAlive(pid));
});

test('a Ctrl-C in the terminal does not reach it', async () => {
  const { parent, url } = await startParent();
  process.kill(-(parent.pid as number), 'SIGINT');
  expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a start waits for the PostgreSQL a killed parent left, and finds its data', async () => {
  const { parent, url } = await startParent();
  const expectKept = await keepSomething(url);
  parent.kill('SIGKILL');
  const next = await start();
  await expectKept(next.url);
});

test('a start stops a PostgreSQL nobody keeps any more', async () => {
  const { parent, url } = await startParent();
  const expectKept = await keepSomething(url);
  const keeper = Number(parentOf(postmasterPid()));
  process.kill(keeper, 'SIGKILL');
  parent.kill('SIGKILL');
  await until(() => !isAlive(keeper));
  const abandoned = postmasterPid();
  const next = await start();
  expect(postmasterPid()).not.toBe(abandoned);
  await expectKept(next.url);
});

test('a start after PostgreSQL itself was killed recovers everything', async () => {
  const first = await start({ durable: true });
  const expectKept = await keepSomething(first.url);
  process.kill(postmasterPid(), 'SIGKILL');
  await first.exited;
  const next = await start();
  await expectKept(next.url);
});

test('a lock file whose number now belongs to another process does not prevent a start', async () => {
  await (await start()).stop();
  writeFileSync(join(cluster(), 'postmaster.pid'), `${process.pid}\n${cluster()}\n`);
  const { url } = await start();
  expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a second start on a folder in use is refused, and the first goes on', async () => {
  const { url } = await start();
  await expect(startEmbeddedPostgres({ dataDir, durable: false })).rejects.toThrow('is using the database');
  expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a password that was lost is told, and nothing is deleted', async () => {
  await (await start()).stop();
  const password = join(dataDir, 'postgres-password');
  renameSync(password, `${password}.away`);
  await expect(start()).rejects.toThrow('postgres-password is missing');
  renameSync(`${password}.away`, password);
  expect(existsSync(join(cluster(), 'PG_VERSION'))).toBe(true);
});

test('what a blocked install script left out is made good', async () => {
  const system = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const installed = join(dirname(require.resolve(`@embedded-postgres/${system}`)), '..', 'native');
  const native = join(folder, 'native');
  await cp(installed, native, { recursive: true, verbatimSymlinks: true });
  const links: { target: string }[] = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'));
  for (const { target } of links) rmSync(join(folder, target), { force: true });
  for (const file of await readdir(join(native, 'bin'))) chmodSync(join(native, 'bin', file), 0o644);
  await repairNative(native);
  for (const { target } of links) expect(existsSync(join(folder, target))).toBe(true);
  expect(statSync(join(native, 'bin', 'postgres')).mode & 0o555).toBe(0o555);
});

// Only root can be somebody else, so elsewhere there is nothing to see.
if (process.getuid?.() === 0) {
  test('as root, in a folder the postgres user cannot enter, it runs elsewhere and says so once', async () => {
    const closed = join(mkdtempSync(join(folder, 'closed-')), 'data');
    const lines: string[] = [];
    const postgres = await startEmbeddedPostgres({
      dataDir: closed,
      durable: false,
      log: (line) => lines.push(line),
    });
    started.push(postgres);
    expect(lines).toEqual([expect.stringContaining(closed)]);
    const elsewhere = lines[0]?.split(' is in ')[1] as string;
    expect(await query(postgres.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(existsSync(join(elsewhere, 'postgres', 'PG_VERSION'))).toBe(true);
    await postgres.stop();
    expect(existsSync(elsewhere)).toBe(false);
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const parentOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1];
