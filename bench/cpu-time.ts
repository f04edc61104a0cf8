import { readdirSync, readFileSync } from 'node:fs';

/** Seconds of processor time since each process started, by the name of the process. */
export type CpuTimes = Record<string, number>;

/** Linux counts processor time in hundredths of a second on every architecture. */
const TICKS_PER_SECOND = 100;

interface ProcessUsage {
  parent: number;
  seconds: number;
}

/**
 * Reads the processor time each process has used so far, with all its living and ended children. `others` holds the time of everything
 * else on the machine: when it is high, the figures mean little. The result is empty where there is no /proc.
 *
 * @param roots process ids by name
 */
export function cpuTimes(roots: Record<string, number>): CpuTimes {
  const usages = readUsages();
  const times: CpuTimes = {};
  for (const [name, root] of Object.entries(roots)) {
    if (usages.has(root)) times[name] = secondsOfTree(usages, root);
  }
  if (usages.size > 0) times.others = secondsOfMachine() - secondsOfTree(usages, process.pid);
  return times;
}

function secondsOfTree(usages: Map<number, ProcessUsage>, root: number): number {
  let sum = 0;
  for (const [pid, { seconds }] of usages) if (isDescendant(usages, pid, root)) sum += seconds;
  return sum;
}

/** Returns the busy time of all processors: without idle time, and without waiting for a disk. */
function secondsOfMachine(): number {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND;
}

/** Returns microseconds of processor time per item between two readings, by process. */
export function microsecondsPerItem(before: CpuTimes, after: CpuTimes, items: number): CpuTimes {
  return Object.fromEntries(
    Object.entries(after).map(([name, seconds]) => [
      name,
      Math.round(((seconds - (before[name] ?? 0)) / items) * 1e7) / 10,
    ]),
  );
}

function readUsages(): Map<number, ProcessUsage> {
  const usages = new Map<number, ProcessUsage>();
  for (const name of listProcesses()) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      // The name of the program stands in brackets and may hold spaces and brackets.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
      usages.set(Number(name), { parent: Number(fields[1]), seconds: ticks / TICKS_PER_SECOND });
    } catch {
      // The process ended meanwhile.
    }
  }
  return usages;
}

function listProcesses(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function isDescendant(usages: Map<number, ProcessUsage>, pid: number, root: number): boolean {
  for (let at = pid; at > 0; at = usages.get(at)?.parent ?? 0) {
    if (at === root) return true;
  }
  return false;
}
