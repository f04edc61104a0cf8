import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The user PostgreSQL runs as; PostgreSQL refuses to run as root. */
export interface SystemUser {
  uid: number;
  gid: number;
}

/** The cluster's folder and the user who runs it. */
export interface ClusterLocation {
  cluster: string;
  /** A folder `user` can reach, for files beside the cluster. */
  home: string;
  /** Absent when we are not root: PostgreSQL then runs as our own user. */
  user?: SystemUser;
  /** The message for a person when the cluster is not in the data folder. */
  relocated?: string;
  /** Deletes a temporary cluster that no later start would find. Call it when PostgreSQL has ended. */
  discardTemporaryData(): Promise<void>;
}

/** Folders for a cluster outside the data folder. The first survives a restart of the machine; some systems clean the second by age. */
const SHARED_FOLDERS = ['/var/lib', '/var/tmp'];

/**
 * Chooses where the cluster lives and which user runs it.
 *
 * @throws Error when root finds no user to run PostgreSQL as, no folder for the cluster, or a cluster that its user can no
 *   longer reach.
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
      // Data of an earlier start may be someone's; only a cluster that this start made is deleted.
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

/** Trusts only a real folder of root's: its name can be guessed, and other users may write beside it. */
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
      // The next folder may be writable.
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

/** Finds or makes the user as whom root runs PostgreSQL. */
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
