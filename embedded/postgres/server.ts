import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../free-port';
import type { Binaries } from './binaries';
import { plainEnvironment } from './cluster';
import type { ClusterLocation } from './cluster-location';
import { ownerMark, stopLeftOverPostmaster } from './left-over-postmaster';

export interface PostgresServer {
  port: number;
  exited: Promise<void>;
  /** Ends every connection, writes everything down and waits until it is gone. Safe to call twice. */
  stop(): Promise<void>;
}

interface ServerSettings {
  port?: number;
  durable: boolean;
  /** The process it is started for. */
  owner: number;
}

const READY_MESSAGE = 'database system is ready to accept connections';
const MAX_START_ATTEMPTS = 20;
const STOP_TIMEOUT_MS = 20_000;

/** Its only door is TCP on the loopback address; it says nothing of what goes through it. */
const SERVER_SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '300',
  shared_buffers: '128MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // "log" is above "error": faults of statements may quote a person's data, and our own log tells of them.
  log_min_messages: 'log',
  log_checkpoints: 'off',
  logging_collector: 'off',
};

const NON_DURABLE_SETTINGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/**
 * Starts PostgreSQL on the cluster and waits until it takes connections, crash recovery included.
 *
 * A start that fails is tried again for some seconds: backends of a killed PostgreSQL hold its memory until
 * they notice, and a port found free may be taken a moment later.
 *
 * @throws Error with PostgreSQL's own last words.
 */
export async function startServer(
  binaries: Binaries,
  place: ClusterLocation,
  settings: ServerSettings,
): Promise<PostgresServer> {
  for (let attempt = 1; ; attempt++) {
    const port = settings.port ?? (await freePort());
    const child = spawnServer(binaries, place, port, settings);
    const lastWords = await waitUntilReady(child);
    if (lastWords === undefined) return toServer(child, port);
    if (attempt === MAX_START_ATTEMPTS) throw new Error(`PostgreSQL does not start: ${lastWords}`);
    await delay(250);
    await stopLeftOverPostmaster(place.cluster);
  }
}

function spawnServer(
  { postgres }: Binaries,
  place: ClusterLocation,
  port: number,
  settings: ServerSettings,
): ChildProcess {
  const parameters = Object.entries({
    ...SERVER_SETTINGS,
    ...(settings.durable ? {} : NON_DURABLE_SETTINGS),
    cluster_name: ownerMark(settings.owner),
  });
  const flags = parameters.flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return spawn(postgres, ['-D', place.cluster, '-p', String(port), ...flags], {
    ...place.user,
    cwd: '/',
    env: plainEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** Nothing when it is ready, its last words when it ended instead. The pipe is read for ever: a full one would block it. */
function waitUntilReady(child: ChildProcess): Promise<string | undefined> {
  return new Promise((done) => {
    let output = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4_000);
      if (output.includes(READY_MESSAGE)) done(undefined);
    });
    child.once('error', (error) => done(error.message));
    child.once('close', () => done(output || 'it ended without a word'));
  });
}

function toServer(child: ChildProcess, port: number): PostgresServer {
  const exited = new Promise<void>((done) => {
    if (child.exitCode !== null || child.signalCode !== null) done();
    else child.once('exit', () => done());
  });
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    // Orderly; then at once, with recovery at the next start; both are safe for the data.
    for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
      child.kill(signal);
      const gone = exited.then(() => true);
      if (await Promise.race([gone, delay(STOP_TIMEOUT_MS, false, { ref: false })])) return;
    }
  };
  return { port, exited, stop: () => (stopping ??= stop()) };
}
