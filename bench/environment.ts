import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, type Database } from '../core/platform/database';
import { startEmbeddedPostgres } from '../embedded/postgres/start-embedded-postgres';
import { migrate } from '../migrations/migrate';
import { type CpuTimes, cpuTimes } from './cpu-time';
import { type MeasuredProcess, startProcess } from './measured-process';
import { type BenchRedis, openRedis } from './redis';

/** A database of its own, migrated and empty: no side works on what another left behind. */
export interface BenchDatabase extends Database {
  readonly url: string;
  /** Writes everything down, so that nobody pays for the writes of the step before. */
  checkpoint(): Promise<void>;
}

/** MB at the largest, of those of our own processes that ran. */
export interface PeakMemory {
  api: number;
  workers: number;
  redis: number;
}

/** One machine with everything on it: PostgreSQL as it comes, Redis, and processes started per benchmark. */
export interface Environment {
  readonly redis: BenchRedis;
  readonly postgresVersion: string;
  openDatabase(): Promise<BenchDatabase>;
  /** `part` names it in the figures; `api` and `workers` are ours, and their memory is remembered. */
  start(part: string, module: string, db: BenchDatabase, env?: NodeJS.ProcessEnv): MeasuredProcess;
  cpu(): CpuTimes;
  peakMemory(): PeakMemory;
  close(): Promise<void>;
}

const OWN_PROCESSES = ['api', 'workers'] as const;
const STATEMENT_TIMEOUT_MS = 600_000;

/** Uses BENCH_DATABASE_URL (a superuser's) and BENCH_REDIS_URL where they are set, and starts its own otherwise. */
export async function openEnvironment(): Promise<Environment> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ablagh-bench-'));
  // PostgreSQL runs as somebody else where we are root.
  chmodSync(dataDir, 0o755);
  const given = process.env.BENCH_DATABASE_URL;
  const postgres = given ? null : await startEmbeddedPostgres({ dataDir });
  const adminUrl = given ?? (postgres?.url as string);
  const redis = await openRedis(process.env.BENCH_REDIS_URL);
  const admin = createDatabase(adminUrl, {
    max: 1,
    statementTimeout: STATEMENT_TIMEOUT_MS,
    name: 'ablagh-bench',
  });
  const [server] = await admin.query<{ backend: number; version: string }>(
    `SELECT pg_backend_pid() AS backend, current_setting('server_version') AS version`,
  );
  const postmaster = postmasterOf(server?.backend ?? 0);
  const running = new Map<MeasuredProcess, string>();
  const peaks: PeakMemory = { api: 0, workers: 0, redis: 0 };
  const isOurs = (part: string): part is (typeof OWN_PROCESSES)[number] =>
    OWN_PROCESSES.some((name) => name === part);
  const watch = setInterval(async () => {
    const parts = [...running.values()];
    if (!parts.some(isOurs)) return;
    peaks.redis = Math.max(peaks.redis, await redis.memory());
  }, 100);
  let databases = 0;

  return {
    redis,
    postgresVersion: server?.version ?? '',
    async openDatabase() {
      databases += 1;
      const name = `ablagh_bench_${process.pid}_${databases}`;
      await admin.query(`CREATE DATABASE ${name}`);
      const url = Object.assign(new URL(adminUrl), { pathname: `/${name}` }).href;
      await migrate(url);
      const db = createDatabase(url, {
        max: 8,
        statementTimeout: STATEMENT_TIMEOUT_MS,
        name: 'ablagh-bench',
      });
      return {
        ...db,
        url,
        async checkpoint() {
          await db.query('CHECKPOINT');
        },
        async close() {
          await db.close();
          await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
        },
      };
    },
    start(part, module, db, env = {}) {
      const settings = { DATABASE_URL: db.url, REDIS_URL: redis.url, DATA_DIR: dataDir };
      const started = startProcess(module, { ...settings, ...env }, [
        ...productionFlags(part),
        ...profilerFlags(part),
      ]);
      running.set(started, part);
      return {
        ...started,
        async stop() {
          await started.stop();
          running.delete(started);
          if (isOurs(part)) peaks[part] = Math.max(peaks[part], started.peakMemory());
        },
      };
    },
    cpu() {
      const parts = Object.fromEntries([...running].map(([{ pid }, part]) => [part, pid]));
      return cpuTimes({ postgres: postmaster, redis: redis.pid, ...parts });
    },
    peakMemory: () => ({ ...peaks }),
    async close() {
      clearInterval(watch);
      for (const started of running.keys()) await started.stop();
      redis.close();
      await admin.close();
      await postgres?.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** What package.json starts the part with. */
const productionFlags = (part: string): string[] => (part === 'workers' ? ['--max-semi-space-size=64'] : []);

/** BENCH_PROFILE names a part: its process writes a CPU profile into the working directory when it ends. */
const profilerFlags = (part: string): string[] =>
  process.env.BENCH_PROFILE === part
    ? ['--cpu-prof', `--cpu-prof-name=${part}-${Date.now()}.cpuprofile`]
    : [];

/** The postmaster of a backend; 0 where the server is not on this machine. */
function postmasterOf(backend: number): number {
  try {
    const stat = readFileSync(`/proc/${backend}/stat`, 'utf8');
    if (!stat.includes('(postgres)')) return 0;
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}
