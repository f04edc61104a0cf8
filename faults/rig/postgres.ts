import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabase, type Database } from '../../core/platform/database';
import { statement } from '../../core/platform/statement';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../embedded/postgres/start-embedded-postgres';

/** A PostgreSQL that can be stopped, killed and frozen. Its address stays the same. */
export interface RigPostgres {
  readonly url: string;
  readonly port: number;
  /** The rig's own connections, past every proxy. */
  readonly db: Database;
  start(): Promise<void>;
  /** Shuts PostgreSQL down fast: connections break, all data is written to disk. */
  stop(): Promise<void>;
  /** Sends kill -9 to every process of PostgreSQL at once. */
  kill(): Promise<void>;
  /** Sends SIGSTOP to every process: connections stay open and get no answer. @returns a function that resumes them */
  freeze(): () => void;
  /** Ends PostgreSQL and the rig's own connections. */
  close(): Promise<void>;
}

const SELECT_CLUSTER = statement<{ cluster: string }>(
  'faults-select-cluster',
  `SELECT current_setting('data_directory') AS cluster`,
  { cluster: 'text' },
);

/** @param dataDir has a cluster already, or is empty: then a cluster is made */
export async function openPostgres(dataDir: string): Promise<RigPostgres> {
  let server: EmbeddedPostgres | undefined = await startEmbeddedPostgres({ dataDir });
  const { url } = server;
  const port = Number(new URL(url).port);
  const db = createDatabase(url, { max: 16, name: 'faults', statementTimeout: 120_000 });
  const [location] = await db.query(SELECT_CLUSTER);
  const cluster = location?.cluster as string;

  const signalAll = (signal: NodeJS.Signals) => {
    const postmaster = Number.parseInt(readFileSync(join(cluster, 'postmaster.pid'), 'utf8'), 10);
    // The postmaster first: it would notice the death of its children and start new ones.
    for (const pid of [postmaster, ...childrenOf(postmaster)]) signalIfThere(pid, signal);
  };

  return {
    url,
    port,
    db,
    async start() {
      server = await startEmbeddedPostgres({ dataDir, port });
    },
    async stop() {
      await server?.stop();
      server = undefined;
    },
    async kill() {
      const killed = server;
      server = undefined;
      signalAll('SIGKILL');
      await killed?.exited;
    },
    freeze() {
      signalAll('SIGSTOP');
      return () => signalAll('SIGCONT');
    },
    async close() {
      await db.close().catch(() => {});
      await server?.stop();
    },
  };
}

function childrenOf(pid: number): number[] {
  try {
    return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number);
  } catch {
    return [];
  }
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // The process ended meanwhile.
  }
}
