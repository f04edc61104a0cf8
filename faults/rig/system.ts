import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../embedded/free-port';
import type { KavenegarSimulator } from '../../embedded/simulators/kavenegar-simulator';
import type { SmtpSimulator } from '../../embedded/simulators/smtp-simulator';
import { migrate } from '../../migrations/migrate';
import { createLedger, type Ledger } from './ledger';
import { type Population, populate } from './population';
import { openPostgres, type RigPostgres } from './postgres';
import { openProviders } from './providers';
import { openRedis, type RigRedis } from './redis';
import { openStandby, type Standby } from './standby';
import { createSupervisedProcess, type SupervisedProcess } from './supervised-process';
import { createTcpProxy, type TcpProxy } from './tcp-proxy';

/** The number of processes, and other differences from the usual system. */
export interface SystemOptions {
  apis?: number;
  workers?: number;
  /** Whether SMS may also go by a second line. */
  secondLine?: true;
  /** Whether Redis has a replica from the start, and the processes ask a Sentinel for the main one. */
  standby?: true;
  /** Milliseconds from the provider's acceptance of a message to its delivery report. */
  deliveredAfterMs?: number;
}

/** Settings of one process that replace the usual ones. */
export interface ProcessOverrides {
  env?: NodeJS.ProcessEnv;
  execPath?: string;
}

/** The whole system, in processes of its own, with every connection under the rig's control. */
export interface System {
  readonly dataDir: string;
  readonly postgres: RigPostgres;
  readonly redis: RigRedis;
  readonly standby?: Standby;
  readonly kavenegar: KavenegarSimulator;
  /** The account behind the second line, where there is one. */
  readonly secondLine: KavenegarSimulator;
  readonly smtp: SmtpSimulator;
  /** The proxies: from clients to the API, from both processes to Redis, and from the workers to the providers. */
  readonly proxies: Record<'api' | 'redis' | 'sms' | 'mail', TcpProxy>;
  readonly apis: SupervisedProcess[];
  readonly workers: SupervisedProcess[];
  /** Adds one more process; the caller starts it. */
  addWorkers(overrides?: ProcessOverrides): SupervisedProcess;
  addApi(overrides?: ProcessOverrides): Promise<SupervisedProcess>;
  readonly apiUrl: string;
  readonly redisUrl: string;
  readonly ledger: Ledger;
  /** The differences from the fault's description that this machine made necessary. */
  readonly remarks: string[];
  readonly population: Population;
  readonly secretKey: string;
  /** Addresses of the services, by the settings of a process. */
  readonly addresses: Record<'DATABASE_URL' | 'REDIS_URL' | 'KAVENEGAR_BASE_URL' | 'SMTP_URL', string>;
  close(): Promise<void>;
}

const SECRET_KEY = 'a secret of the faults, more than thirty-two bytes';
const SENDER = '10004346';
const MAIL_FROM = 'سامانه ابلاغ <notices@example.org>';

/** Starts the services, and then the processes of the system behind proxies. Returns once every process is ready. */
export async function openSystem(dataDir: string, options: SystemOptions = {}): Promise<System> {
  const { apis: apiCount = 1, workers: workersCount = 1 } = options;
  const services = await openServices(dataDir, options);
  const processes = createProcesses(dataDir, services, options);
  const { apis, workers, addApi, addWorkers } = processes;
  for (let i = 0; i < apiCount; i += 1) await addApi();
  for (let i = 0; i < workersCount; i += 1) addWorkers();
  const children = [...apis, ...workers];
  for (const child of children) child.start();
  await Promise.all(children.map((child) => child.ready()));
  const { standby, close, ...rest } = services;
  return {
    ...rest,
    ...(standby && { standby }),
    ...processes,
    dataDir,
    redisUrl: services.addresses.REDIS_URL,
    ledger: createLedger(),
    remarks: [],
    secretKey: SECRET_KEY,
    async close() {
      await Promise.all([...apis, ...workers].map((child) => child.kill()));
      await close();
    },
  };
}

type Services = Awaited<ReturnType<typeof openServices>>;

/** Starts PostgreSQL, Redis and both providers, and the proxies before them. */
async function openServices(
  dataDir: string,
  { standby: withStandby, deliveredAfterMs = 3_000 }: SystemOptions,
) {
  const postgres = await openPostgres(dataDir);
  await migrate(postgres.url);
  const population = await populate(postgres.db);
  const redis = await openRedis(dataDir);
  const standby = withStandby && (await openStandby(dataDir, redis));
  // The first API moves the proxy to its own port.
  const apiProxy = await createTcpProxy([1]);
  const redisProxy = await createTcpProxy([redis.port]);
  const apiUrl = `http://127.0.0.1:${apiProxy.port}`;
  const providers = await openProviders(apiUrl, SECRET_KEY, deliveredAfterMs);
  const { kavenegar, secondLine, secondLineUrl, smtp, smsProxy, mailProxy } = providers;
  return {
    postgres,
    population,
    redis,
    standby,
    kavenegar,
    secondLine,
    secondLineUrl,
    smtp,
    proxies: { api: apiProxy, redis: redisProxy, sms: smsProxy, mail: mailProxy },
    apiUrl,
    addresses: {
      DATABASE_URL: postgres.url,
      REDIS_URL: standby?.url ?? redisProxy.proxied(redis.url),
      KAVENEGAR_BASE_URL: smsProxy.proxied(providers.smsUrl),
      SMTP_URL: mailProxy.proxied(providers.smtpUrl),
    },
    async close() {
      await Promise.all([apiProxy.disconnect(), redisProxy.disconnect(), providers.close()]);
      await redis.kill();
      await standby?.close();
      await postgres.close();
    },
  };
}

/** Makes the processes of the system: the production entries, with the services' addresses in their environment. */
function createProcesses(
  dataDir: string,
  { addresses, apiUrl, kavenegar, secondLine, secondLineUrl, proxies }: Services,
  { secondLine: withSecondLine }: SystemOptions,
) {
  const commonEnv = {
    PATH: process.env.PATH,
    ...addresses,
    SECRET_KEY,
    HOST: '127.0.0.1',
    PUBLIC_URL: apiUrl,
    DATA_DIR: dataDir,
    TRUSTED_PROXIES: '127.0.0.1',
    INQUIRY_SMS: '0',
    LOG_LEVEL: 'info',
  };
  const second = { name: 'second', apiKey: secondLine.apiKey, sender: SENDER, baseUrl: secondLineUrl };
  const workersEnv = {
    ...commonEnv,
    KAVENEGAR_API_KEY: kavenegar.apiKey,
    KAVENEGAR_SENDER: SENDER,
    ...(withSecondLine && { KAVENEGAR_LINES: JSON.stringify([second]) }),
    MAIL_FROM,
  };
  const logs = join(dataDir, 'logs');
  mkdirSync(logs, { recursive: true });
  const apis: SupervisedProcess[] = [];
  const workers: SupervisedProcess[] = [];
  const apiPorts: number[] = [];
  return {
    apis,
    workers,
    addWorkers({ env, execPath }: ProcessOverrides = {}) {
      const name = `workers-${workers.length + 1}`;
      const child = createSupervisedProcess({
        name,
        entry: '../workers/main',
        env: { ...workersEnv, ...env },
        logFile: join(logs, `${name}.log`),
        ...(execPath && { execPath }),
      });
      workers.push(child);
      return child;
    },
    async addApi({ env, execPath }: ProcessOverrides = {}) {
      const name = `api-${apis.length + 1}`;
      const port = await freePort();
      const child = createSupervisedProcess({
        name,
        entry: '../api/main',
        env: { ...commonEnv, PORT: String(port), ...env },
        logFile: join(logs, `${name}.log`),
        isReady: async () => (await fetch(`http://127.0.0.1:${port}/livez`)).ok,
        ...(execPath && { execPath }),
      });
      apis.push(child);
      apiPorts.push(port);
      proxies.api.routeTo(...apiPorts);
      return child;
    },
  };
}
