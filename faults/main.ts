import { parseArgs } from 'node:util';
import { runEntry } from '../core/platform/shutdown';
import { FAULTS, findFault, SHORT_RUN } from './catalogue';
import { machineFacts, writeDocument } from './document';
import type { FaultResult } from './rig/fault';
import { runAll } from './run-all';
import { tableOf } from './table';

/** What two cores carry: a machine that is short of them shows faults nobody meant. */
const DEFAULT_CONCURRENCY = 2;

/**
 * Runs the faults named; all of them without a name, or with `--short` a few in a minute or so. `--short` also
 * makes due what would take minutes. Ends with code 1 when one is red. A run of all writes its table into the
 * document.
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
