import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forkEntry } from '../../embedded/fork-entry';
import { freePort } from '../../embedded/free-port';
import { createKavenegarSimulator } from '../../embedded/simulators/kavenegar-simulator';
import { createSmtpSimulator } from '../../embedded/simulators/smtp-simulator';
import { createTestDatabase } from '../support/database';
import { until } from '../support/until';
import { kill } from '../workers/workers-process';

/** Secrets that must appear in no output. */
export const SECRETS = {
  secretKey: 'secret-key-of-the-whole-story-that-nobody-may-see',
  kavenegarKey: 'kavenegar-key-that-nobody-may-see',
  smtpPassword: 'smtp-password-that-nobody-may-see',
  databasePassword: 'database-password-that-nobody-may-see',
};

/**
 * Starts the production processes on a database of their own, with passwords to every service and simulated providers, and
 * collects their output at the most detailed level.
 */
export async function createRunningSystem(redisUrl: string | undefined) {
  const test = await createTestDatabase();
  const role = `secrets_${test.db.pool.options.connectionString?.slice(-12)}`;
  await test.db.query(`CREATE ROLE ${role} LOGIN SUPERUSER PASSWORD '${SECRETS.databasePassword}'`);
  const databaseUrl = new URL(test.url);
  databaseUrl.username = role;
  databaseUrl.password = SECRETS.databasePassword;

  const sms = createKavenegarSimulator({
    apiKey: SECRETS.kavenegarKey,
    carrierAfterMs: 0,
    deliveredAfterMs: 0,
  });
  const smtp = createSmtpSimulator();
  const smtpUrl = new URL(await smtp.listen());
  smtpUrl.username = 'mailer';
  smtpUrl.password = SECRETS.smtpPassword;
  const folder = await mkdtemp(join(tmpdir(), 'ablagh-secrets-'));
  const workersPort = await freePort();
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: databaseUrl.href,
    ...(redisUrl && { REDIS_URL: redisUrl }),
    SECRET_KEY: SECRETS.secretKey,
    KAVENEGAR_API_KEY: SECRETS.kavenegarKey,
    KAVENEGAR_SENDER: '10004346',
    KAVENEGAR_BASE_URL: await sms.listen(),
    SMTP_URL: smtpUrl.href,
    MAIL_FROM: 'notices@ablagh.example',
    DATA_DIR: folder,
    PORT: '0',
    WORKERS_PORT: String(workersPort),
    LOG_LEVEL: 'trace',
  };
  const children: ChildProcess[] = [];
  let output = '';

  function start(entry: 'api/main' | 'workers/main'): void {
    const child = forkEntry(`../${entry}`, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (part: string) => {
        output += part;
      });
    children.push(child);
  }

  return {
    db: test.db,
    databaseUrl: test.url,
    sms,
    smtp,

    /** @returns the address of the API */
    async startApi(): Promise<string> {
      start('api/main');
      return until(() => /"at":"(http:[^"]+)","msg":"listening"/.exec(output)?.[1], { timeout: 40_000 });
    },
    async startWorkers(): Promise<void> {
      start('workers/main');
      await until(() => output.includes('"msg":"workers are ready"'), { timeout: 40_000 });
    },

    /** Returns the output of all processes. */
    output: () => output,

    metrics: async (base: string): Promise<string> => {
      const scrape = async (url: string) => (await fetch(`${url}/metrics`)).text();
      return (await scrape(base)) + (await scrape(`http://127.0.0.1:${workersPort}`));
    },

    /** Returns the command lines of the processes, which every user of the machine can read. */
    commandLines: async (): Promise<string> =>
      (await Promise.all(children.map(({ pid }) => readFile(`/proc/${pid}/cmdline`, 'utf8')))).join('\n'),

    async close(): Promise<void> {
      await Promise.all(children.map(kill));
      await Promise.all([sms.close(), smtp.close()]);
      await test.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
export type RunningSystem = Awaited<ReturnType<typeof createRunningSystem>>;
