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

/** How many processes there are, and what else is not as usual. */
export interface SystemOptions {
  apis?: number;
  workers?: number;
  /** Whether SMS may go by a second line as well. */
  secondLine?: true;
  /** Whether Redis has a replica from the start, and the processes ask a Sentinel for the main one. */
  standby?: true;
  /** When the SMS provider tells that a message has arrived, in milliseconds after it took it. */
  deliveredAfterMs?: number;
}

/** What a process is started with in the place of the usual. */
export interface ProcessOverrides {
  env?: NodeJS.ProcessEnv;
  execPath?: string;
}

/** The whole system, in processes of its own, with every plug in our hand. */
export interface System {
  readonly dataDir: string;
  readonly postgres: RigPostgres;
  readonly redis: RigRedis;
  readonly standby?: Standby;
  readonly kavenegar: KavenegarSimulator;
  /** Behind the second line, where there is one. */
  readonly secondLine: KavenegarSimulator;
  readonly smtp: SmtpSimulator;
  /** What clients reach the API by, what it and the workers reach Redis by, and what the workers reach the providers by. */
  readonly proxies: Record<'api' | 'redis' | 'sms' | 'mail', TcpProxy>;
  readonly apis: SupervisedProcess[];
  readonly workers: SupervisedProcess[];
  /** One more process; the caller starts it. */
  addWorkers(change?: ProcessOverrides): SupervisedProcess;
  addApi(change?: ProcessOverrides): Promise<SupervisedProcess>;
  readonly apiUrl: string;
  readonly redisUrl: string;
  readonly ledger: Ledger;
  /** What was done otherwise than the fault says, because this machine does not let us. */
  readonly remarks: string[];
  readonly population: Population;
  readonly secretKey: string;
  /** Addresses of the services, as the environment of a process names them. */
  readonly addresses: Record<'DATABASE_URL' | 'REDIS_URL' | 'KAVENEGAR_BASE_URL' | 'SMTP_URL', string>;
  close(): Promise<void>;
}

const SECRET_KEY = 'a secret of the faults, more than thirty-two bytes';

export async function openSystem(dataDir: string, setting: SystemOptions = {}): Promise<System> {
  const { apis: apiCount = 1, workers: workersCount = 1, deliveredAfterMs = 3_000 } = setting;
  const postgres = await openPostgres(dataDir);
  await migrate(postgres.url);
  const population = await populate(postgres.db);
  const redis = await openRedis(dataDir);
  const standby = setting.standby && (await openStandby(dataDir, redis));
  const ports: number[] = [];
  const api = await createTcpProxy([1]);
  const redisWire = await createTcpProxy([redis.port]);
  const apiUrl = `http://127.0.0.1:${api.port}`;
  const providers = await openProviders(apiUrl, SECRET_KEY, deliveredAfterMs);
  const { kavenegar, secondLine, smtp } = providers;
  const addresses = {
    DATABASE_URL: postgres.url,
    REDIS_URL: standby?.url ?? redisWire.proxied(redis.url),
    KAVENEGAR_BASE_URL: providers.smsProxy.proxied(providers.smsUrl),
    SMTP_URL: providers.mailProxy.proxied(providers.smtpUrl),
  };
  const common = {
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
  const second = {
    name: 'second',
    apiKey: secondLine.apiKey,
    sender: SENDER,
    baseUrl: providers.secondLineUrl,
  };
  const logs = join(dataDir, 'logs');
  mkdirSync(logs, { recursive: true });
  const apis: SupervisedProcess[] = [];
  const workers: SupervisedProcess[] = [];

  const addWorkers = ({ env, execPath }: ProcessOverrides = {}) => {
    const name = `workers-${workers.length + 1}`;
    const providerEnv = {
      KAVENEGAR_API_KEY: kavenegar.apiKey,
      KAVENEGAR_SENDER: SENDER,
      ...(setting.secondLine && { KAVENEGAR_LINES: JSON.stringify([second]) }),
      MAIL_FROM,
    };
    const host = createSupervisedProcess({
      name,
      entry: '../workers/main',
      env: { ...common, ...providerEnv, ...env },
      logFile: join(logs, `${name}.log`),
      ...(execPath && { execPath }),
    });
    workers.push(host);
    return host;
  };
  const addApi = async ({ env, execPath }: ProcessOverrides = {}) => {
    const name = `api-${apis.length + 1}`;
    const port = await freePort();
    const host = createSupervisedProcess({
      name,
      entry: '../api/main',
      env: { ...common, PORT: String(port), ...env },
      logFile: join(logs, `${name}.log`),
      isReady: async () => (await fetch(`http://127.0.0.1:${port}/livez`)).ok,
      ...(execPath && { execPath }),
    });
    apis.push(host);
    ports.push(port);
    api.routeTo(...ports);
    return host;
  };

  for (let i = 0; i < apiCount; i += 1) await addApi();
  for (let i = 0; i < workersCount; i += 1) addWorkers();
  const hosts = [...apis, ...workers];
  for (const host of hosts) host.start();
  await Promise.all(hosts.map((host) => host.ready()));

  return {
    dataDir,
    postgres,
    redis,
    ...(standby && { standby }),
    kavenegar,
    secondLine,
    smtp,
    proxies: { api, redis: redisWire, sms: providers.smsProxy, mail: providers.mailProxy },
    apis,
    workers,
    addWorkers,
    addApi,
    apiUrl,
    redisUrl: addresses.REDIS_URL,
    ledger: createLedger(),
    remarks: [],
    population,
    secretKey: SECRET_KEY,
    addresses,
    async close() {
      await Promise.all([...apis, ...workers].map((host) => host.kill()));
      await Promise.all([api.disconnect(), redisWire.disconnect(), providers.close()]);
      await redis.kill();
      await standby?.close();
      await postgres.close();
    },
  };
}

const SENDER = '10004346';
const MAIL_FROM = 'سامانه ابلاغ <notices@example.org>';
