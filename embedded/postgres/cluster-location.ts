import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Whom PostgreSQL runs as; it refuses root. */
export interface SystemUser {
  uid: number;
  gid: number;
}

/** Where the cluster lives and who runs it. */
export interface ClusterLocation {
  cluster: string;
  /** A folder `user` can reach, for what must stand beside the cluster. */
  home: string;
  /** Absent when we are not root: then PostgreSQL runs as we do. */
  user?: SystemUser;
  /** What to tell a person when the cluster is not in the data folder. */
  relocated?: string;
  /** Deletes what nobody would find again; to be called when PostgreSQL is gone. */
  discardTemporaryData(): Promise<void>;
}

/** Survives a restart of the machine where the first is writable; the second is cleaned by age on some systems. */
const SHARED_FOLDERS = ['/var/lib', '/var/tmp'];

/**
 * @throws Error when root finds no user to run PostgreSQL as, no folder for it, or a cluster that user can no
 * longer get at.
 */
export function chooseClusterLocation(dataDir: string, durable: boolean): ClusterLocation {
  mkdirSync(dataDir, { recursive: true });
  const real = realpathSync(dataDir);
  const own = { cluster: join(real, 'postgres'), home: real, discardTemporaryData: async () => {} };
  if (process.getuid?.() !== 0) return own;
  const earlier = existingClusters(real)[0];
  const user = (earlier ? ownerOf(earlier) : undefined) ?? unprivilegedUser();
  const reachable = canEnter(real, user);
  if (earlier === own.cluster && !reachable) {
    throw new Error(
      `PostgreSQL runs as uid ${user.uid}, which cannot enter ${real} any more: allow it (chmod a+x)`,
    );
  }
  if (reachable && (!earlier || earlier === own.cluster)) return { ...own, user };
  const home = earlier ? dirname(earlier) : makeSharedFolder(real);
  return {
    cluster: join(home, 'postgres'),
    home,
    user,
    relocated: `PostgreSQL runs as uid ${user.uid}, which cannot enter ${real}: its data is in ${home}`,
    async discardTemporaryData() {
      // What an earlier start left may be someone's data; only what this one made is thrown away.
      if (!durable && !earlier) rmSync(home, { recursive: true, force: true });
    },
  };
}

const sharedFolder = (base: string, dataDir: string) =>
  join(base, `ablagh-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`);

function existingClusters(dataDir: string): string[] {
  const shared = SHARED_FOLDERS.map((base) => sharedFolder(base, dataDir)).filter(isOwnedByRoot);
  return [dataDir, ...shared].map((home) => join(home, 'postgres')).filter((path) => existsSync(path));
}

/** The name can be guessed and others may write beside it: only a real folder of root's is trusted. */
function isOwnedByRoot(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === 0;
}

function makeSharedFolder(dataDir: string): string {
  for (const base of SHARED_FOLDERS) {
    const folder = sharedFolder(base, dataDir);
    try {
      if (!isOwnedByRoot(folder)) mkdirSync(folder);
      chmodSync(folder, 0o711);
      return folder;
    } catch {
      // The next one may be writable.
    }
  }
  throw new Error(`no folder for PostgreSQL: ${dataDir} and ${SHARED_FOLDERS.join(', ')} cannot be used`);
}

function ownerOf(cluster: string): SystemUser | undefined {
  const { uid, gid } = statSync(cluster);
  return uid === 0 ? undefined : { uid, gid };
}

function canEnter(folder: string, user: SystemUser): boolean {
  const { uid, gid, mode } = statSync(folder);
  const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
  const parent = dirname(folder);
  return (mode & bit) !== 0 && (parent === folder || canEnter(parent, user));
}

/** Whom root runs PostgreSQL as. */
export function unprivilegedUser(): SystemUser {
  const user = findUser('postgres') ?? createUser('postgres') ?? findUser('nobody');
  if (!user) throw new Error('PostgreSQL cannot run as root, and no user "postgres" could be made');
  return user;
}

function findUser(name: string): SystemUser | undefined {
  const id = (flag: string) =>
    Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

function createUser(name: string): SystemUser | undefined {
  try {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', name], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return findUser(name);
}
