import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { createDatabase, type Database } from '../core/platform/database';
import { freePort } from '../embedded/free-port';
import { startEmbeddedPostgres } from '../embedded/postgres';
import { migrate } from '../migrations/migrate';

/** A process of the system or of a baseline, with the most memory it was seen to use. */
export interface Process {
  readonly child: ChildProcess;
  /** MB */
  peakMemory(): number;
  /** Waits for the next message the process sends to its parent. */
  message<T>(): Promise<T>;
  stop(): Promise<void>;
}

/** One machine with everything on it: PostgreSQL as it comes, Redis, and processes started per benchmark. */
export interface Environment {
  databaseUrl: string;
  redisUrl: string;
  db: Database;
  dataDir: string;
  /** MB of Redis at its largest since `emptyRedis`. */
  redisPeakMemory(): Promise<number>;
  emptyRedis(): Promise<void>;
  /** Starts a compiled module, a path below the folder of all modules. */
  start(module: string, env?: NodeJS.ProcessEnv): Process;
  close(): Promise<void>;
}

/** Uses DATABASE_URL and REDIS_URL where they are set, and otherwise starts PostgreSQL and Redis for the run. */
export async function openEnvironment(): Promise<Environment> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ablagh-bench-'));
  const given = process.env.DATABASE_URL;
  const postgres = given ? null : await startEmbeddedPostgres({ dataDir });
  const databaseUrl = given ?? (postgres?.url as string);
  const redis = process.env.REDIS_URL ? null : await startRedis();
  const redisUrl = process.env.REDIS_URL ?? (redis?.url as string);
  await migrate(databaseUrl);
  const db = createDatabase(databaseUrl, { max: 8, statementTimeout: 600_000, name: 'ablagh-bench' });
  const control = new Redis(redisUrl);
  const running = new Set<Process>();

  return {
    databaseUrl,
    redisUrl,
    db,
    dataDir,
    async redisPeakMemory() {
      const peak = /used_memory_peak:(\d+)/.exec(await control.info('memory'))?.[1];
      return Number(peak) / 2 ** 20;
    },
    async emptyRedis() {
      await control.flushall();
      await control.config('RESETSTAT');
    },
    start(module, env = {}) {
      const process = startProcess(module, {
        DATABASE_URL: databaseUrl,
        REDIS_URL: redisUrl,
        DATA_DIR: dataDir,
        ...env,
      });
      running.add(process);
      return process;
    },
    async close() {
      for (const process of running) await process.stop();
      control.disconnect();
      await db.close();
      redis?.stop();
      await postgres?.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function startRedis(): Promise<{ url: string; stop(): void }> {
  const port = await freePort();
  const settings = [
    '--port',
    String(port),
    '--save',
    '',
    '--appendonly',
    'no',
    '--maxmemory-policy',
    'noeviction',
  ];
  const server = spawn('redis-server', settings, { stdio: 'ignore' });
  server.once('error', () => {
    throw new Error('The benchmarks need Redis: set REDIS_URL, or install redis-server.');
  });
  await once(server, 'spawn');
  return { url: `redis://127.0.0.1:${port}`, stop: () => server.kill('SIGKILL') };
}

function startProcess(module: string, env: NodeJS.ProcessEnv): Process {
  const child = fork(join(__dirname, '..', module), [], {
    env: { ...process.env, LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentMemory(child.pid as number));
  }, 100);
  child.once('exit', () => clearInterval(timer));
  return {
    child,
    peakMemory: () => peak,
    message: <T>() => new Promise<T>((resolve) => child.once('message', (message) => resolve(message as T))),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** MB of physical memory, from Linux. */
function residentMemory(pid: number): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    return (pages * 4096) / 2 ** 20;
  } catch {
    return 0;
  }
}
