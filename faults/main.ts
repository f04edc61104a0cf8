import { parseArgs } from 'node:util';
import { runEntry } from '../core/platform/shutdown';
import { FAULTS, faultNamed, SHORT } from './catalogue';
import { machine, writeDocument } from './document';
import type { Result } from './rig/fault';
import { runAll } from './run-all';
import { tableOf } from './table';

/** What two cores carry: a machine that is short of them shows faults nobody meant. */
const AT_ONCE = 2;

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
      'at-once': { type: 'string', default: String(AT_ONCE) },
    },
  });
  const names = positionals.length === 0 && values.short ? SHORT : positionals;
  const faults = names.length > 0 ? names.map(faultNamed) : FAULTS;
  const startedAt = new Date();
  const results = await runAll(faults, {
    atOnce: Number(values['at-once']),
    short: values.short,
    onResult: tell,
  });
  const minutes = ((Date.now() - startedAt.getTime()) / 60_000).toFixed(1);
  process.stdout.write(
    `${Object.values(machine()).join(' · ')}\n\n${tableOf(results)}\n\n${minutes} minutes\n`,
  );
  tellOfGaps(results);
  if (names.length === 0) writeDocument(results, 'npm run faults', startedAt);
  if (results.some(({ verdict }) => verdict === 'red')) process.exitCode = 1;
}

function tell({ name, verdict, complaints }: Result, seconds: number): void {
  const lines = [`${name}: ${verdict} (${seconds} s)`, ...complaints];
  process.stderr.write(`${lines.join('\n  ')}\n`);
}

function tellOfGaps(results: Result[]): void {
  const gaps = results.filter(({ verdict }) => verdict === 'left out').map(({ name }) => name);
  if (gaps.length > 0) process.stderr.write(`LEFT OUT, NOT POSSIBLE ON THIS MACHINE: ${gaps.join(', ')}\n`);
}

runEntry(main);
