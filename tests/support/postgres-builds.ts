import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { freePort } from '../../embedded/free-port';
import { unprivilegedUser } from '../../embedded/postgres/cluster-location';
import { startEmbeddedPostgres } from '../../embedded/postgres/start-embedded-postgres';
import { until } from './until';

const run = promisify(execFile);

export interface RunningPostgres {
  /** The database `ablagh`, as its superuser. */
  url: string;
  /** Waits until it is gone. */
  stop(): Promise<void>;
}

/** A build of PostgreSQL that a site may use, and the way to back it up while it runs. */
export interface PostgresBuild {
  name: string;
  /** Starts on what is in `dataDir`, whose folder `postgres` is the cluster; makes it if absent. */
  start(dataDir: string): Promise<RunningPostgres>;
  /** Leaves a base backup in `base`, without any WAL. */
  backUp(dataDir: string, url: string, base: string): Promise<void>;
}

/** The build of npm. It has no `pg_basebackup`, so the backup uses the functions that `pg_basebackup` itself calls. */
const fromNpm: PostgresBuild = {
  name: 'PostgreSQL from npm, by pg_backup_start',
  start: (dataDir) => startEmbeddedPostgres({ dataDir, durable: false }),
  async backUp(dataDir, url, base) {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      await client.query("SELECT pg_backup_start('test', true)");
      await cp(join(dataDir, 'postgres'), base, { recursive: true, preserveTimestamps: true });
      const { rows } = await client.query('SELECT labelfile FROM pg_backup_stop()');
      for (const name of await readdir(join(base, 'pg_wal')))
        if (/^[0-9A-F]{24}/.test(name)) await rm(join(base, 'pg_wal', name));
      await rm(join(base, 'postmaster.pid'));
      writeFileSync(join(base, 'backup_label'), rows[0].labelfile);
    } finally {
      await client.end();
    }
  },
};

/** The folder of Debian's builds. */
const INSTALLED = '/usr/lib/postgresql';
const [newest] = existsSync(INSTALLED) ? readdirSync(INSTALLED).sort((a, b) => Number(b) - Number(a)) : [];
const program = (name: string) => join(INSTALLED, newest ?? '', 'bin', name);

/** The build of the machine, backed up by `pg_basebackup`, as operation.md describes. */
const ofTheMachine: PostgresBuild = {
  name: `PostgreSQL ${newest} of the machine, by pg_basebackup`,
  async start(dataDir) {
    const cluster = join(dataDir, 'postgres');
    const port = await freePort();
    // PostgreSQL refuses root.
    const user = process.getuid?.() === 0 ? unprivilegedUser() : undefined;
    mkdirSync(dataDir, { recursive: true });
    if (user) chownSync(dataDir, user.uid, user.gid);
    const isNew = !existsSync(cluster);
    if (isNew)
      await run(program('initdb'), ['-D', cluster, '-U', 'ablagh', '-A', 'trust', '-E', 'UTF8', '-N'], user);
    const settings = { port, unix_socket_directories: dataDir, fsync: 'off' };
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const server = spawn(program('postgres'), ['-D', cluster, ...options], { stdio: 'ignore', ...user });
    const killed = () => server.kill('SIGQUIT');
    process.once('exit', killed);
    const url = `postgres://ablagh@127.0.0.1:${port}/ablagh`;
    await until(
      () => query(isNew ? url.replace(/ablagh$/, 'postgres') : url, 'SELECT 1').catch(() => false),
      {
        timeout: 30_000,
      },
    );
    if (isNew) await query(url.replace(/ablagh$/, 'postgres'), 'CREATE DATABASE ablagh');
    return {
      url,
      async stop() {
        process.off('exit', killed);
        if (server.kill('SIGINT')) await once(server, 'exit');
      },
    };
  },
  async backUp(_dataDir, url, base) {
    const user = process.getuid?.() === 0 ? unprivilegedUser() : undefined;
    await run(program('pg_basebackup'), ['-d', url, '-D', base, '-X', 'none', '-c', 'fast'], user);
  },
};

async function query(url: string, sql: string): Promise<true> {
  const client = new Client({ connectionString: url });
  // A client that connects before the server is up ends with this event too.
  client.on('error', () => {});
  await client.connect();
  await client.query(sql).finally(() => client.end());
  return true;
}

export const postgresBuilds: PostgresBuild[] = existsSync(program('pg_basebackup'))
  ? [fromNpm, ofTheMachine]
  : [fromNpm];
