import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../embedded/free-port';
import type { BenchDatabase, Environment } from './environment';
import type { MeasuredProcess } from './measured-process';

export const SECRET_KEY = 'x'.repeat(32);
const START_TIMEOUT_MS = 30_000;
export const MAIL_FROM = 'سامانه ابلاغ <notices@example.org>';

/** Starts the API and waits until it answers. A second API, on another database, needs another name and another Redis. */
export async function startApi(
  env: Environment,
  db: BenchDatabase,
  { name = 'api', redisUrl = env.redis.url } = {},
): Promise<MeasuredProcess & { url: string }> {
  const port = await freePort();
  const settings = { SECRET_KEY, PORT: String(port), REDIS_URL: redisUrl };
  const api = env.start(name, 'api/main.js', db, settings);
  const url = `http://127.0.0.1:${port}`;
  await waitUntilReady(`${url}/readyz`);
  return { ...api, url };
}

/** Starts the workers and waits until they run. Without the address of a provider, sending there fails. */
export async function startWorkers(
  env: Environment,
  db: BenchDatabase,
  { smsUrl = 'http://127.0.0.1:1', smtpUrl = 'smtp://127.0.0.1:1' },
): Promise<MeasuredProcess> {
  const port = await freePort();
  const workers = env.start('workers', 'workers/main.js', db, {
    SECRET_KEY,
    KAVENEGAR_API_KEY: 'bench',
    KAVENEGAR_SENDER: '10004346',
    KAVENEGAR_BASE_URL: smsUrl,
    SMTP_URL: smtpUrl,
    MAIL_FROM,
    WORKERS_PORT: String(port),
  });
  await waitUntilReady(`http://127.0.0.1:${port}/livez`);
  return workers;
}

async function waitUntilReady(url: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const answer = await fetch(url).catch(() => null);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    await delay(50);
  }
  throw new Error(`${url} does not answer`);
}

/** A process in the place of a provider that counts the messages it receives. */
export interface Sink extends MeasuredProcess {
  url: string;
  /** Waits until the sink has had `count` messages since its start. @returns that time, in milliseconds since the epoch */
  waitForMessages(count: number): Promise<number>;
}

export async function startSink(
  env: Environment,
  db: BenchDatabase,
  module: 'sms-sink' | 'email-sink',
  settings: NodeJS.ProcessEnv = {},
): Promise<Sink> {
  const sink = env.start(module, `bench/${module}.js`, db, settings);
  const { url } = await sink.nextMessage<{ url: string }>();
  return {
    ...sink,
    url,
    async waitForMessages(count) {
      sink.send({ waitFor: count });
      return (await sink.nextMessage<{ at: number }>()).at;
    },
  };
}
