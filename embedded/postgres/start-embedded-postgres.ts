import { resolve } from 'node:path';
import { AblaghError } from '../../core/platform/errors';
import { forkEntry } from '../fork-entry';

export interface EmbeddedPostgresOptions {
  /** The folder of the cluster (`postgres/`) and its password (`postgres-password`, mode 0600). Made if absent. */
  dataDir: string;
  /** A free port if absent, a different one at every start. */
  port?: number;
  /**
   * False is for tests: nothing is synced to disk, so a power cut may lose everything, and a cluster outside the data folder
   * (see below) is deleted at the stop.
   */
  durable?: boolean;
  /** Receives the rare lines that a person should read. */
  log?: (line: string) => void;
}

export interface EmbeddedPostgres {
  /** The database `ablagh`, as its superuser, on 127.0.0.1. */
  readonly url: string;
  /** Settles when PostgreSQL has ended, on purpose or not. */
  readonly exited: Promise<void>;
  /** Ends every connection, writes all data to disk and waits for PostgreSQL's end. Safe to call twice. */
  stop(): Promise<void>;
}

/** PostgreSQL could not be started; the message says why. */
export class EmbeddedPostgresFailed extends AblaghError {
  constructor(message: string) {
    super('embedded_postgres_failed', message);
  }
}

export type PostgresProcessMessage =
  | { kind: 'log'; line: string }
  | { kind: 'ready'; url: string }
  | { kind: 'failed'; message: string };

/**
 * Starts PostgreSQL from the npm packages alone, on the data of an earlier start or on a new cluster.
 *
 * PostgreSQL has a process group of its own, so a Ctrl-C in the terminal does not reach it. It ends with `stop`, or when this
 * process ends in any way, `kill -9` included. Under root it runs as the user `postgres`, made if absent. Where that user
 * cannot reach the data folder, the cluster is put under /var/lib, and `log` reports the place.
 *
 * @throws EmbeddedPostgresFailed, also when a living process already uses the same data folder.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDir, port, durable = true, log = () => {} } = options;
  const settings = JSON.stringify({ dataDir: resolve(dataDir), port, durable, owner: process.pid });
  const child = forkEntry('postgres/postgres-process', {
    detached: true,
    env: { ...process.env, EMBEDDED_POSTGRES: settings },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let errorOutput = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errorOutput = (errorOutput + chunk.toString()).slice(-4_000);
  });
  const exited = new Promise<void>((done) => child.once('exit', () => done()));

  const url = await new Promise<string>((ready, fail) => {
    child.on('message', (message: PostgresProcessMessage) => {
      if (message.kind === 'log') log(message.line);
      else if (message.kind === 'ready') ready(message.url);
      else fail(new EmbeddedPostgresFailed(message.message));
    });
    child.once('error', (error) => fail(new EmbeddedPostgresFailed(error.message)));
    child.once('close', () => fail(new EmbeddedPostgresFailed(`PostgreSQL did not start. ${errorOutput}`)));
  });

  // None of these handles keeps this process alive: when the last real work is done, the channel closes with the process.
  child.unref();
  child.channel?.unref();
  (child.stderr as unknown as { unref?: () => void } | null)?.unref?.();

  return {
    url,
    exited,
    async stop() {
      if (child.connected) {
        child.ref();
        child.channel?.ref();
        child.disconnect();
      }
      await exited;
    },
  };
}
