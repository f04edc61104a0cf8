import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runEntry } from '../core/platform/shutdown';
import { benchDrain } from './drain';
import { benchEmail } from './email';
import { type Environment, openEnvironment, type PeakMemory } from './environment';
import { type BenchResult, compareToLimit, type Figure } from './figures';
import { formatTable } from './figures-table';
import { benchInbox } from './inbox';
import { benchIntake } from './intake';
import { describeMachine } from './machine';
import { benchOperators } from './operators';
import { benchPermits } from './permits';
import { benchSingle } from './single';

interface BenchSize {
  /** Number of notices; each benchmark has its own default. */
  count: number | undefined;
  seconds: number;
}

const BENCHMARKS: Record<string, (env: Environment, size: BenchSize) => Promise<BenchResult>> = {
  intake: (env, { count = 200_000 }) => benchIntake(env, count),
  drain: (env, { count = 200_000 }) => benchDrain(env, count),
  email: (env, { count = 20_000 }) => benchEmail(env, count),
  single: (env, { seconds }) => benchSingle(env, seconds),
  permits: (env, { count }) => benchPermits(env, count),
  inbox: (env, { count }) => benchInbox(env, count),
  operators: (env, { count }) => benchOperators(env, count),
};

/** Limits of peak memory in MB. */
const PEAK_MEMORY_LIMITS_MB: Record<keyof PeakMemory, number> = { api: 300, workers: 400, redis: 64 };

/** Compares the peak memory of our own processes with the limits; a process that did not run is left out. */
const memoryFigures = (peaks: PeakMemory): Figure[] =>
  (['api', 'workers', 'redis'] as const)
    .filter((name) => peaks[name] > 0)
    .map((name) =>
      compareToLimit(
        'memory',
        { what: `${name}, at its largest`, value: peaks[name], unit: 'MB' },
        PEAK_MEMORY_LIMITS_MB[name],
      ),
    );

/** Runs the named benchmarks, or all of them. A figure below its requirement is printed as SHORT, and is no failure. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seconds: { type: 'string', default: '60' }, count: { type: 'string' } },
  });
  const names = positionals.length > 0 ? positionals : Object.keys(BENCHMARKS);
  const unknown = names.filter((name) => !(name in BENCHMARKS));
  if (unknown.length > 0)
    throw new Error(
      `There is no benchmark ${unknown.join(', ')}: only ${Object.keys(BENCHMARKS).join(', ')}.`,
    );

  const size = { count: values.count ? Number(values.count) : undefined, seconds: Number(values.seconds) };
  const startedAt = new Date().toISOString();
  const figures: Figure[] = [];
  const remarks: string[] = [];
  const env = await openEnvironment();
  closeWhenInterrupted(env);
  try {
    for (const name of names) {
      process.stderr.write(`${name} …\n`);
      const found = await BENCHMARKS[name]?.(env, size);
      figures.push(...(found?.figures ?? []));
      remarks.push(...(found?.remarks ?? []));
    }
    figures.push(...memoryFigures(env.peakMemory()));
    const machine = describeMachine(env);
    process.stdout.write(
      `${Object.values(machine).join(' · ')}\n\n${formatTable(figures)}\n${remarks.join('\n')}\n`,
    );
    writeResults(startedAt, { startedAt, machine, size, figures, remarks });
  } finally {
    await env.close();
  }
}

/** Closes everything on a signal, because Redis and the measured processes do not end by themselves. */
function closeWhenInterrupted(env: Environment): void {
  const end = () => void env.close().finally(() => process.exit(1));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
}

/** Writes the results into `bench/results` below the working directory, which git ignores. */
function writeResults(startedAt: string, results: object): void {
  const folder = join('bench', 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${startedAt}.json`), `${JSON.stringify(results, null, 2)}\n`);
}

runEntry(main);
