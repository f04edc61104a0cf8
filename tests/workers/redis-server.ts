import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';

export interface RedisServer {
  url: string;
  /** As by a power cut: nothing of it is left. */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty. */
  start(): Promise<void>;
}

const isInstalled = spawnSync('redis-server', ['--version']).status === 0;

/** Tests that start and stop a Redis of their own; without a `redis-server` they are skipped, and counted so. */
export const describeWithRedisServer = isInstalled ? describe : describe.skip;
export const itWithRedisServer = isInstalled ? it : it.skip;

/** A Redis of a test's own, to be taken away and given back. */
export async function startRedisServer(port: number): Promise<RedisServer> {
  let running: ChildProcess | undefined;
  const killed = () => running?.kill('SIGKILL');
  process.once('exit', killed);
  const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', tmpdir(), '--save', ''];

  async function start(): Promise<void> {
    running = spawn('redis-server', [...options, '--appendonly', 'no']);
    await new Promise<void>((ready, failed) => {
      let said = '';
      running?.stdout?.on('data', (chunk: Buffer) => {
        said += chunk;
        if (said.includes('Ready to accept connections')) ready();
      });
      running?.once('exit', (code) => failed(new Error(`redis-server ended with ${code}:\n${said}`)));
    });
  }

  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    async kill() {
      const child = running;
      running = undefined;
      if (child?.kill('SIGKILL')) await once(child, 'exit');
    },
  };
}
