import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../embedded/free-port';
import { until } from './until';

/** A Redis that can be stopped, killed and frozen, on a port that stays the same. */
export interface RigRedis {
  readonly url: string;
  readonly port: number;
  /** Starts Redis and waits until it answers. It has its data after `stop`, and none after `kill`. */
  start(): Promise<void>;
  /** Stops Redis in order: its data is written to disk. */
  stop(): Promise<void>;
  /** Sends kill -9: all data is lost. */
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** Sends one command, on a connection of its own. */
  sendCommand(command: string, ...args: (string | number)[]): Promise<unknown>;
}

/** @param flags of redis-server, such as `--replicaof`; a server that is no Sentinel writes nothing to disk by itself */
export async function openRedis(dataDir: string, flags: string[] = []): Promise<RigRedis> {
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const folder = join(dataDir, `redis-${port}`);
  mkdirSync(folder, { recursive: true });
  const settings = [
    '--port',
    `${port}`,
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'no',
  ];
  let server: ChildProcess | undefined;
  process.once('exit', () => server?.kill('SIGKILL'));

  const sendCommand = async (command: string, ...args: (string | number)[]) => {
    const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
    redis.on('error', () => {});
    try {
      return await redis.call(command, ...args);
    } finally {
      redis.disconnect();
    }
  };
  const end = async (how: (child: ChildProcess) => unknown) => {
    const ending = server;
    server = undefined;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const gone = once(ending, 'exit');
    how(ending);
    await gone;
  };
  const start = async () => {
    server = spawn('redis-server', [...settings, ...flags], { stdio: 'ignore', cwd: '/' });
    await once(server, 'spawn').catch(() => {
      throw new Error('The faults need Redis: install redis-server.');
    });
    await until('Redis answers', () => sendCommand('PING'));
  };

  await start();
  return {
    url,
    port,
    start,
    sendCommand,
    stop: () => end(() => void sendCommand('SHUTDOWN', 'SAVE').catch(() => {})),
    async kill() {
      await end((child) => child.kill('SIGKILL'));
      rmSync(join(folder, 'dump.rdb'), { force: true });
    },
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
  };
}
