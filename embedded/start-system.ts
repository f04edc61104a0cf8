import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openAttachmentStore } from '../core/notices/attachment-store';
import type { Config } from '../core/platform/config';
import { createDatabase } from '../core/platform/database';
import { secretKeysOf } from '../core/platform/derived-keys';
import { codeOf } from '../core/platform/errors';
import type { Closable } from '../core/platform/shutdown';
import { migrate } from '../migrations/migrate';
import { issueDemoPermit } from './demo/issue-demo-permit';
import { type DemoOperator, ensureDemoOperator } from './demo/operator';
import { seedDemoData } from './demo/seed-demo-data';
import { ensureDemoApiKey } from './demo/sources';
import { freePort } from './free-port';
import { startEmbeddedPostgres } from './postgres/start-embedded-postgres';
import { type Simulators, startSimulators } from './simulators/start-simulators';
import { startChild } from './start-child';

/** The running system, as far as the startup banner describes it. */
export interface RunningSystem {
  closables: Closable[];
  config: Config;
  embeddedPostgres: boolean;
  simulators: Simulators | null;
  /** Credentials to try the demo with; null without a demo. */
  demo: { key: string; operator: DemoOperator } | null;
  logDir: string;
}

/** The file with the settings of the running system, for a command line used beside it. It is removed at the stop. */
const RUNNING_ENV_FILE = 'running.env';

/**
 * Starts the whole system: services named by the environment are used, and only the missing ones are embedded. The API and the
 * workers are the production entries, each in a process of its own.
 */
export async function startSystem(config: Config, environment: NodeJS.ProcessEnv): Promise<RunningSystem> {
  const { DATA_DIR: dataDir } = config;
  mkdirSync(dataDir, { recursive: true });
  const logDir = join(dataDir, 'logs');
  const parts: Closable[] = [];
  try {
    const postgres = config.DATABASE_URL ? null : await startEmbeddedPostgres({ dataDir, log: printLine });
    if (postgres) parts.unshift({ name: 'postgres', close: () => postgres.stop() });
    const databaseUrl = config.DATABASE_URL ?? (postgres?.url as string);
    await migrate(databaseUrl);

    const secretKey = config.SECRET_KEY ?? loadOrCreateSecretKey(dataDir);
    const needsSimulators = !config.KAVENEGAR_API_KEY || !config.SMTP_URL;
    const env: NodeJS.ProcessEnv = {
      ...environment,
      DATABASE_URL: databaseUrl,
      SECRET_KEY: secretKey,
      PUBLIC_URL: config.PUBLIC_URL,
      WORKERS_PORT: String(config.WORKERS_PORT ?? (await freePort())),
    };
    const simulators = needsSimulators ? await startSimulators(config, env, dataDir) : null;
    if (simulators) parts.unshift(simulators);
    Object.assign(env, simulators?.env);

    const demo = config.DEMO ? await prepareDemo(databaseUrl, { ...config, SECRET_KEY: secretKey }) : null;
    parts.unshift(writeRunningEnv(dataDir, env));
    const livez = (port: string | number) => async () =>
      (await fetch(`http://${config.HOST}:${port}/livez`)).ok;
    const api = { name: 'api', entry: 'api', env, logDir, isReady: livez(config.PORT) };
    parts.unshift(await startChild(api));
    const workers = {
      name: 'workers',
      entry: '../workers/main',
      env,
      logDir,
      isReady: livez(env.WORKERS_PORT as string),
    };
    parts.unshift(await startChild(workers));
    return { closables: parts, config, embeddedPostgres: postgres !== null, simulators, demo, logDir };
  } catch (error) {
    for (const part of parts) await part.close();
    throw error;
  }
}

/** Reads the secret key of this data folder. The first start makes the key; later starts find it. */
function loadOrCreateSecretKey(dataDir: string): string {
  const path = join(dataDir, 'secret-key');
  try {
    writeFileSync(path, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  return readFileSync(path, 'utf8').trim();
}

function writeRunningEnv(dataDir: string, env: NodeJS.ProcessEnv): Closable {
  const path = join(dataDir, RUNNING_ENV_FILE);
  const names = ['DATABASE_URL', 'REDIS_URL', 'SECRET_KEY', 'SECRET_KEY_PREVIOUS', 'PUBLIC_URL'].filter(
    (name) => env[name],
  );
  writeFileSync(path, names.map((name) => `${name}=${env[name]}\n`).join(''), { mode: 0o600 });
  return { name: RUNNING_ENV_FILE, close: () => rmSync(path, { force: true }) };
}

async function prepareDemo(
  databaseUrl: string,
  config: Config<'SECRET_KEY'>,
): Promise<RunningSystem['demo']> {
  const { DATA_DIR: dataDir, ATTACHMENTS_URL } = config;
  const db = createDatabase(databaseUrl, { max: 2 });
  try {
    const { seeded } = await seedDemoData(db, await openAttachmentStore(ATTACHMENTS_URL, dataDir));
    if (seeded) await issueDemoPermit(db, secretKeysOf(config));
    const key = await ensureDemoApiKey(db, dataDir);
    return key === null ? null : { key, operator: await ensureDemoOperator(db, dataDir) };
  } finally {
    await db.close();
  }
}

const printLine = (line: string) => process.stderr.write(`${line}\n`);
