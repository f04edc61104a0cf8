import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, type Database } from '../core/platform/database';
import { statement } from '../core/platform/statement';
import { startEmbeddedPostgres } from '../embedded/postgres/start-embedded-postgres';
import { migrate } from '../migrations/migrate';
import { type CpuTimes, cpuTimes } from './cpu-time';
import { type MeasuredProcess, startProcess } from './measured-process';
import { type BenchRedis, openRedis } from './redis';

/** A migrated, empty database for one side of a comparison, so that no side works on the rows of another. */
export interface BenchDatabase extends Database {
  readonly url: string;
  /** Writes all changes to disk, so that the next step does not pay for the writes of this one. */
  checkpoint(): Promise<void>;
}

/** Peak memory of our own processes, in MB; 0 for a process that did not run. */
export interface PeakMemory {
  api: number;
  workers: number;
  redis: number;
}

/** One machine with everything on it: PostgreSQL with its defaults, Redis, and the processes of each benchmark. */
export interface Environment {
  readonly redis: BenchRedis;
  readonly postgresVersion: string;
  openDatabase(): Promise<BenchDatabase>;
  /** Starts a compiled module. `name` stands in the figures; the peak memory of `api` and `workers` is recorded. */
  start(name: string, module: string, db: BenchDatabase, env?: NodeJS.ProcessEnv): MeasuredProcess;
  cpu(): CpuTimes;
  peakMemory(): PeakMemory;
  close(): Promise<void>;
}

const OWN_PROCESSES = ['api', 'workers'] as const;
const STATEMENT_TIMEOUT_MS = 600_000;

const READ_SERVER = statement<{ backend: number; version: string }>(
  'bench-read-server',
  `SELECT pg_backend_pid() AS backend, current_setting('server_version') AS version`,
  { backend: 'int4', version: 'text' },
);

/** Uses the servers at BENCH_DATABASE_URL (of a superuser) and BENCH_REDIS_URL where they are set, and starts its own otherwise. */
export async function openEnvironment(): Promise<Environment> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ablagh-bench-'));
  // PostgreSQL runs as another user where this process is root.
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
  const [server] = await admin.query(READ_SERVER);
  const postmaster = postmasterOf(server?.backend ?? 0);
  const running = new Map<MeasuredProcess, string>();
  const peaks: PeakMemory = { api: 0, workers: 0, redis: 0 };
  const watch = setInterval(async () => {
    if (![...running.values()].some(isOwnProcess)) return;
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
    start(name, module, db, env = {}) {
      const settings = { DATABASE_URL: db.url, REDIS_URL: redis.url, DATA_DIR: dataDir };
      const started = startProcess(module, { ...settings, ...env }, [
        ...productionFlags(name),
        ...profilerFlags(name),
      ]);
      running.set(started, name);
      return {
        ...started,
        async stop() {
          await started.stop();
          running.delete(started);
          if (isOwnProcess(name)) peaks[name] = Math.max(peaks[name], started.peakMemory());
        },
      };
    },
    cpu() {
      const pids = Object.fromEntries([...running].map(([{ pid }, name]) => [name, pid]));
      return cpuTimes({ postgres: postmaster, redis: redis.pid, ...pids });
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

const isOwnProcess = (name: string): name is (typeof OWN_PROCESSES)[number] =>
  OWN_PROCESSES.some((own) => own === name);

/** Returns the flags of Node.js that package.json starts the process with. */
const productionFlags = (name: string): string[] => (name === 'workers' ? ['--max-semi-space-size=64'] : []);

/** Returns the profiler's flags for the process that BENCH_PROFILE names: it writes a CPU profile into the working directory at its end. */
const profilerFlags = (name: string): string[] =>
  process.env.BENCH_PROFILE === name
    ? ['--cpu-prof', `--cpu-prof-name=${name}-${Date.now()}.cpuprofile`]
    : [];

/** Returns the process id of the postmaster of a backend; 0 where the server is not on this machine. */
function postmasterOf(backend: number): number {
  try {
    const stat = readFileSync(`/proc/${backend}/stat`, 'utf8');
    if (!stat.includes('(postgres)')) return 0;
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}
