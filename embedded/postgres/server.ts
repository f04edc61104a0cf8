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
  /** Ends every connection, writes all data to disk and waits for PostgreSQL's end. Safe to call twice. */
  stop(): Promise<void>;
}

interface ServerSettings {
  port?: number;
  durable: boolean;
  /** Number of the process PostgreSQL is started for. */
  owner: number;
}

const READY_MESSAGE = 'database system is ready to accept connections';
const MAX_START_ATTEMPTS = 20;
const STOP_TIMEOUT_MS = 20_000;

/** PostgreSQL listens on the loopback address only, and logs no statement. */
const SERVER_SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '300',
  shared_buffers: '128MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // "log" is above "error": error messages of statements may quote personal data, and our own log reports such errors.
  log_min_messages: 'log',
  log_checkpoints: 'off',
  logging_collector: 'off',
};

const NON_DURABLE_SETTINGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/**
 * Starts PostgreSQL on the cluster and waits until it takes connections, crash recovery included.
 *
 * A failed start is repeated for some seconds: backends of a killed PostgreSQL hold its memory until they notice, and a free
 * port may be taken a moment later.
 *
 * @throws Error with PostgreSQL's own last output.
 */
export async function startServer(
  binaries: Binaries,
  location: ClusterLocation,
  settings: ServerSettings,
): Promise<PostgresServer> {
  for (let attempt = 1; ; attempt++) {
    const port = settings.port ?? (await freePort());
    const child = spawnServer(binaries, location, port, settings);
    const lastOutput = await waitUntilReady(child);
    if (lastOutput === undefined) return toServer(child, port);
    if (attempt === MAX_START_ATTEMPTS) throw new Error(`PostgreSQL does not start: ${lastOutput}`);
    await delay(250);
    await stopLeftOverPostmaster(location.cluster);
  }
}

function spawnServer(
  { postgres }: Binaries,
  location: ClusterLocation,
  port: number,
  settings: ServerSettings,
): ChildProcess {
  const parameters = Object.entries({
    ...SERVER_SETTINGS,
    ...(settings.durable ? {} : NON_DURABLE_SETTINGS),
    cluster_name: ownerMark(settings.owner),
  });
  const flags = parameters.flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return spawn(postgres, ['-D', location.cluster, '-p', String(port), ...flags], {
    ...location.user,
    cwd: '/',
    env: plainEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/**
 * Waits until PostgreSQL is ready. The pipe is read to its end: a full one would block PostgreSQL.
 *
 * @returns its last output when it ended instead
 */
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
    // An orderly stop first, then an immediate one with recovery at the next start; both are safe for the data.
    for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
      child.kill(signal);
      const gone = exited.then(() => true);
      if (await Promise.race([gone, delay(STOP_TIMEOUT_MS, false, { ref: false })])) return;
    }
  };
  return { port, exited, stop: () => (stopping ??= stop()) };
}
