import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { freePort } from '../embedded/free-port';

/** The Redis of the benchmarks. */
export interface BenchRedis {
  readonly url: string;
  readonly pid: number;
  readonly version: string;
  empty(): Promise<void>;
  /** Returns the memory Redis uses now, in MB. */
  memory(): Promise<number>;
  close(): void;
}

/** Opens the Redis at the address `given`, or starts one for the run. Either is emptied before each benchmark. */
export async function openRedis(given: string | undefined): Promise<BenchRedis> {
  const server = given ? null : await startServer();
  const url = given ?? (server?.url as string);
  const control = new Redis(url, { maxRetriesPerRequest: null });
  control.on('error', () => {});
  const info = await control.info();
  const read = (name: string, text: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(text)?.[1] ?? '';
  return {
    url,
    pid: Number(read('process_id', info)),
    version: read('redis_version', info),
    async empty() {
      await control.flushall('SYNC');
    },
    memory: async () => Number(read('used_memory', await control.info('memory'))) / 2 ** 20,
    close() {
      control.disconnect();
      server?.stop();
    },
  };
}

async function startServer(): Promise<{ url: string; stop(): void }> {
  const port = await freePort();
  const settings = { port, bind: '127.0.0.1', save: '', appendonly: 'no', 'maxmemory-policy': 'noeviction' };
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const server = spawn('redis-server', flags, { stdio: 'ignore', cwd: '/' });
  const started = once(server, 'spawn');
  await started.catch(() => {
    throw new Error('The benchmarks need Redis: install redis-server, or set BENCH_REDIS_URL.');
  });
  const stop = () => void server.kill('SIGKILL');
  process.once('exit', stop);
  return { url: `redis://127.0.0.1:${port}`, stop };
}
