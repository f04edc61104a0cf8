import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabase, type Database } from '../../core/platform/database';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../embedded/postgres/start-embedded-postgres';

/** PostgreSQL with its plug in our hand. Its address stays the same, whatever is done to it. */
export interface RigPostgres {
  readonly url: string;
  readonly port: number;
  /** For the rig alone, past every wire. */
  readonly db: Database;
  start(): Promise<void>;
  /** A fast shutdown: connections are broken, everything is written down. */
  stop(): Promise<void>;
  /** kill -9 of every process of it at once. */
  kill(): Promise<void>;
  /** SIGSTOP of every process of it: connections stay, nobody answers. @returns what lets it go on */
  freeze(): () => void;
  /** Ends it and the rig's own connections. */
  close(): Promise<void>;
}

/** @param dataDir holds a cluster already, or an empty one is made */
export async function openPostgres(dataDir: string): Promise<RigPostgres> {
  let server: EmbeddedPostgres | undefined = await startEmbeddedPostgres({ dataDir });
  const { url } = server;
  const port = Number(new URL(url).port);
  const db = createDatabase(url, { max: 16, name: 'faults', statementTimeout: 120_000 });
  const [place] = await db.query<{ cluster: string }>(`SELECT current_setting('data_directory') AS cluster`);
  const cluster = place?.cluster as string;

  const signalAll = (signal: NodeJS.Signals) => {
    const postmaster = Number.parseInt(readFileSync(join(cluster, 'postmaster.pid'), 'utf8'), 10);
    // First the one that would notice the others, and start anew.
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
    // It ended while we looked.
  }
}
