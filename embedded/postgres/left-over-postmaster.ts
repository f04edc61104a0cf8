import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** The time a keeper process may take to stop PostgreSQL after its parent died. */
const KEEPER_GRACE_MS = 10_000;
/** The time PostgreSQL may take for an orderly stop, and then for each harder stop. */
const STOP_TIMEOUT_MS = 20_000;

/**
 * Makes the cluster free to start. The lock file of a process that is gone is removed: its number may belong to another
 * process by now, and PostgreSQL would refuse to start. A PostgreSQL whose keeper was killed still runs, and is stopped in
 * order.
 *
 * @throws Error when a living process keeps PostgreSQL running on this cluster.
 */
export async function stopLeftOverPostmaster(cluster: string): Promise<void> {
  const deadline = Date.now() + KEEPER_GRACE_MS;
  for (;;) {
    const postmaster = runningPostmaster(cluster);
    if (!postmaster) break;
    if (postmaster.keeperState === 'nobody') {
      await stopPostmaster(postmaster.pid, cluster);
      break;
    }
    if (postmaster.keeperState === 'living' || Date.now() > deadline) {
      throw new Error(`another process (${postmaster.pid}) is using the database in ${cluster}`);
    }
    await delay(50);
  }
  rmSync(join(cluster, 'postmaster.pid'), { force: true });
}

async function stopPostmaster(pid: number, cluster: string): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    process.kill(pid, signal);
    const deadline = Date.now() + STOP_TIMEOUT_MS;
    while (Date.now() < deadline) {
      if (runningPostmaster(cluster)?.pid !== pid) return;
      await delay(50);
    }
  }
  throw new Error(`the PostgreSQL process ${pid} does not end`);
}

/** The PostgreSQL that runs on a cluster, and the state of the processes that started it. */
export interface RunningPostmaster {
  pid: number;
  /** `orphan`: the keeper's parent is gone, so the keeper is about to stop PostgreSQL. */
  keeperState: 'living' | 'orphan' | 'nobody';
}

/** The cluster name PostgreSQL is started with: other processes read the owner from it. */
export const ownerMark = (owner: number): string => `started-by-${owner}`;

export function runningPostmaster(cluster: string): RunningPostmaster | undefined {
  const lock = join(cluster, 'postmaster.pid');
  const pid = existsSync(lock) ? Number.parseInt(readFileSync(lock, 'utf8'), 10) : Number.NaN;
  const found = pid > 0 ? processInfo(pid) : undefined;
  if (!found?.command.includes(`postgres -D ${cluster} -p `)) return undefined;
  const keeper = processInfo(found.parent);
  if (!keeper?.command.includes('postgres-process')) return { pid, keeperState: 'nobody' };
  return { pid, keeperState: found.command.includes(ownerMark(keeper.parent)) ? 'living' : 'orphan' };
}

function processInfo(pid: number): { command: string; parent: number } | undefined {
  try {
    if (existsSync('/proc/self/stat')) {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      // The second field is the program's name in parentheses and may hold anything; the parent is the fourth.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return { command, parent: Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2]) };
    }
    const line = execFileSync('ps', ['-o', 'ppid=,command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return { command: line, parent: Number.parseInt(line, 10) };
  } catch {
    return undefined;
  }
}
