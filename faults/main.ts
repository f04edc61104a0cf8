import { parseArgs } from 'node:util';
import { runEntry } from '../core/platform/shutdown';
import { FAULTS, findFault, SHORT_RUN } from './catalogue';
import { machineFacts, writeDocument } from './document';
import type { FaultResult } from './rig/fault';
import { runAll } from './run-all';
import { tableOf } from './table';

/** The number of systems that two cores carry: a machine short of cores shows faults that are not the system's. */
const DEFAULT_CONCURRENCY = 2;

/**
 * Runs the named faults; without a name all of them, or with `--short` a few in about a minute. `--short` also makes slow steps
 * due. The exit code is 1 when a fault is red. A run of all faults writes its table into the document.
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      short: { type: 'boolean', default: false },
      'at-once': { type: 'string', default: String(DEFAULT_CONCURRENCY) },
    },
  });
  const names = positionals.length === 0 && values.short ? SHORT_RUN : positionals;
  const faults = names.length > 0 ? names.map(findFault) : FAULTS;
  const startedAt = new Date();
  const results = await runAll(faults, {
    concurrency: Number(values['at-once']),
    short: values.short,
    onResult: printResult,
  });
  const minutes = ((Date.now() - startedAt.getTime()) / 60_000).toFixed(1);
  process.stdout.write(
    `${Object.values(machineFacts()).join(' · ')}\n\n${tableOf(results)}\n\n${minutes} minutes\n`,
  );
  printLeftOut(results);
  if (names.length === 0) writeDocument(results, 'npm run faults', startedAt);
  if (results.some(({ verdict }) => verdict === 'red')) process.exitCode = 1;
}

function printResult({ name, verdict, violations }: FaultResult, seconds: number): void {
  const lines = [`${name}: ${verdict} (${seconds} s)`, ...violations];
  process.stderr.write(`${lines.join('\n  ')}\n`);
}

function printLeftOut(results: FaultResult[]): void {
  const gaps = results.filter(({ verdict }) => verdict === 'left out').map(({ name }) => name);
  if (gaps.length > 0) process.stderr.write(`LEFT OUT, NOT POSSIBLE ON THIS MACHINE: ${gaps.join(', ')}\n`);
}

runEntry(main);
