import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { cp, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { PostgresBuild } from './postgres-builds';
import { until } from './until';

/** A PostgreSQL that archives its WAL, as a production one does, and that can be restored to a moment. */
export interface ArchivedPostgres {
  readonly url: string;
  backUp(): Promise<void>;
  /** The clock of PostgreSQL, once everything committed before has been archived. */
  moment(): Promise<Date>;
  /** Ends the server as a lost machine does, and starts the backup in another place. */
  restoreTo(moment: Date | 'the end'): Promise<string>;
  close(): Promise<void>;
}

export async function startArchivedPostgres(build: PostgresBuild): Promise<ArchivedPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'ablagh-restore-'));
  chmodSync(folder, 0o755);
  const archive = openFolder(join(folder, 'archive'));
  const base = join(openFolder(join(folder, 'backups')), 'base');
  const dataDir = join(folder, 'first');
  let restores = 0;

  let running = await build.start(dataDir);
  await onServer(running.url, [
    'ALTER SYSTEM SET archive_mode = on',
    `ALTER SYSTEM SET archive_command = 'cp %p ${archive}/%f'`,
  ]);
  await running.stop();
  running = await build.start(dataDir);

  return {
    get url() {
      return running.url;
    },
    backUp: () => build.backUp(dataDir, running.url, base),
    async moment() {
      const [{ now, wal }] = (await onServer(running.url, [
        'CREATE TABLE IF NOT EXISTS marks (at timestamptz)',
        'INSERT INTO marks VALUES (now())',
        'SELECT clock_timestamp() AS now, pg_walfile_name(pg_switch_wal()) AS wal',
      ])) as [{ now: Date; wal: string }];
      await until(() => stat(join(archive, wal)), { timeout: 20_000 });
      return now;
    },
    async restoreTo(moment) {
      await running.stop();
      restores += 1;
      const place = join(folder, `restored-${restores}`);
      const cluster = join(place, 'postgres');
      mkdirSync(place, { mode: 0o755 });
      await cp(base, cluster, { recursive: true, preserveTimestamps: true });
      const password = join(dataDir, 'postgres-password');
      if (existsSync(password)) copyFileSync(password, join(place, 'postgres-password'));
      const settings = [
        `restore_command = 'cp ${archive}/%f %p'`,
        "archive_mode = 'off'",
        "recovery_target_action = 'promote'",
        ...(moment === 'the end'
          ? []
          : [`recovery_target_time = '${moment.toISOString().replace('Z', '+00')}'`]),
      ];
      const file = join(cluster, 'postgresql.auto.conf');
      writeFileSync(file, `${readFileSync(file, 'utf8')}${settings.join('\n')}\n`);
      writeFileSync(join(cluster, 'recovery.signal'), '');
      await ownAll(cluster, await stat(join(dataDir, 'postgres')));
      running = await build.start(place);
      await until(async () => {
        const [state] = await onServer(running.url, ['SELECT pg_is_in_recovery() AS recovering']);
        return state?.recovering === false;
      });
      return running.url;
    },
    async close() {
      await running.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Creates a folder that PostgreSQL may write into, under every user. */
function openFolder(path: string): string {
  mkdirSync(path);
  chmodSync(path, 0o777);
  return path;
}

/** @returns the rows of the last statement */
async function onServer(url: string, statements: string[]): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) ({ rows } = await client.query(statement));
    return rows;
  } finally {
    await client.end();
  }
}

/** As root, PostgreSQL runs as another user, who must own the copies. */
async function ownAll(path: string, { uid, gid }: { uid: number; gid: number }): Promise<void> {
  if (process.getuid?.() !== 0) return;
  chownSync(path, uid, gid);
  if (!(await stat(path)).isDirectory()) return;
  chmodSync(path, 0o700);
  for (const name of await readdir(path)) await ownAll(join(path, name), { uid, gid });
}
