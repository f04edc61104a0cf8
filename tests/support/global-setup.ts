import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { freePort } from '../../embedded/free-port';
import { startEmbeddedPostgres } from '../../embedded/postgres/start-embedded-postgres';
import { migrate } from '../../migrations/migrate';
import { DATABASE_ROLES } from '../../migrations/rights';

/** Stops a service that runs beside the tests; services may be stopped in any order, each once. */
type Stop = () => Promise<unknown>;

declare global {
  var ablaghTestServices: Stop[] | undefined;
}

/** The migrated database every test database is a copy of. */
const TEMPLATE = 'ablagh_template';

/**
 * Starts PostgreSQL, and Redis where there is one, for one run of the suite: servers of their own for each process
 * that runs tests, since a transaction of one test would hold up the feed that another reads, in whichever
 * database. `own-servers` gives each process the addresses of its own servers.
 */
// biome-ignore lint/style/noDefaultExport: jest looks for one
export default async function globalSetup(
  { maxWorkers }: { maxWorkers: number },
  { globals: { withoutRedis } }: { globals: { withoutRedis?: boolean } },
): Promise<void> {
  const running: Stop[] = [];
  globalThis.ablaghTestServices = running;
  try {
    const folder = await mkdtemp(join(tmpdir(), 'ablagh-tests-'));
    running.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    // As root, PostgreSQL runs as another user, who must be able to reach its data.
    await chmod(folder, 0o711);
    const [first, ...others] = Array.from({ length: maxWorkers }, (_, i) => join(folder, `${i + 1}`));
    await makeCluster(first as string);
    for (const other of others) await promisify(execFile)('cp', ['-a', first as string, other]);
    await Promise.all(
      [first as string, ...others].map((workerFolder, i) =>
        startServers(i + 1, workerFolder, running, !withoutRedis),
      ),
    );
    if (!withoutRedis && !process.env.TEST_REDIS_URL_1) process.stderr.write(WITHOUT_REDIS);
  } catch (error) {
    await stopServices();
    throw error;
  }
}

const dataDirIn = (workerFolder: string) => join(workerFolder, 'postgres');

/** Makes a cluster with the template, and stops it: copying it takes a tenth of the time. */
async function makeCluster(workerFolder: string): Promise<void> {
  await mkdir(workerFolder, { mode: 0o711 });
  const postgres = await startEmbeddedPostgres({ dataDir: dataDirIn(workerFolder), durable: false });
  await createTemplate(postgres.url).finally(() => postgres.stop());
}

async function startServers(
  worker: number,
  workerFolder: string,
  running: Stop[],
  withRedis: boolean,
): Promise<void> {
  const [postgres, redisUrl] = await Promise.all([
    startEmbeddedPostgres({ dataDir: dataDirIn(workerFolder), durable: false }),
    withRedis ? process.env.REDIS_URL || startRedis(workerFolder, running) : undefined,
  ]);
  running.push(() => postgres.stop());
  process.env[`TEST_DATABASE_URL_${worker}`] = postgres.url;
  if (redisUrl) process.env[`TEST_REDIS_URL_${worker}`] = redisUrl;
}

/** Stops what was started, the last first. */
export async function stopServices(): Promise<void> {
  for (const stop of globalThis.ablaghTestServices?.splice(0).reverse() ?? []) await stop();
}

async function createTemplate(serverUrl: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  try {
    // Before the tables are made, so that every test database has their rights.
    for (const role of DATABASE_ROLES) await client.query(`CREATE ROLE ${role} NOLOGIN`);
    await client.query(`CREATE DATABASE ${TEMPLATE}`);
    const template = new URL(serverUrl);
    template.pathname = `/${TEMPLATE}`;
    await migrate(template.href);
    // PostgreSQL copies no database that has a connection.
    await client.query(`ALTER DATABASE ${TEMPLATE} ALLOW_CONNECTIONS false`);
  } finally {
    await client.end();
  }
}

/** @returns the address, or undefined when there is no `redis-server` on the PATH */
async function startRedis(folder: string, running: Stop[]): Promise<string | undefined> {
  const port = await freePort();
  const redis = spawn('redis-server', [
    '--port',
    `${port}`,
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    ...IN_MEMORY,
  ]);
  const killed = () => redis.kill('SIGKILL');
  process.once('exit', killed);
  redis.once('exit', () => process.off('exit', killed));
  if (!(await isReady(redis))) return undefined;
  running.push(async () => {
    const ended = once(redis, 'exit');
    if (redis.exitCode === null && redis.kill('SIGTERM')) await ended;
  });
  return `redis://127.0.0.1:${port}`;
}

const IN_MEMORY = ['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction'];

/** @returns false when there is no such program */
function isReady(redis: ChildProcess): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let said = '';
    redis.stdout?.on('data', (chunk: Buffer) => {
      said += chunk;
      if (said.includes('Ready to accept connections')) resolve(true);
    });
    redis.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? resolve(false) : reject(error),
    );
    redis.once('exit', (code) => reject(new Error(`redis-server ended with ${code}:\n${said}`)));
  });
}

const WITHOUT_REDIS = `
╔════════════════════════════════════════════════════════════════════════╗
║  THE REDIS HALF OF THE QUEUE TESTS WAS LEFT OUT.                       ║
║  There is no redis-server on the PATH and REDIS_URL is not set:        ║
║  what follows shows the queues on BullMQ's PostgreSQL backend only.    ║
╚════════════════════════════════════════════════════════════════════════╝
`;
