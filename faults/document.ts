import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Result } from './rig/fault';
import { tableOf } from './table';

/** Below the folder the command was given in. */
const DOCUMENT = join('docs', 'reliability.md');
const BEGIN = '<!-- faults: begin -->';
const END = '<!-- faults: end -->';

/**
 * Puts the results in the place of those of an earlier run.
 *
 * @param command what was typed
 * @throws Error when the document has no place for them
 */
export function writeDocument(results: Result[], command: string, at: Date): void {
  const document = readFileSync(DOCUMENT, 'utf8');
  const [before, rest] = document.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${DOCUMENT} has no ${BEGIN} and ${END}`);
  writeFileSync(DOCUMENT, `${before}${BEGIN}\n\n${sectionOf(results, command, at)}\n\n${END}${after}`);
}

function sectionOf(results: Result[], command: string, at: Date): string {
  const facts = [
    at.toISOString().slice(0, 16).replace('T', ' '),
    `\`${command}\``,
    ...Object.values(machine()),
  ];
  return `${facts.join(' · ')}\n\n${tableOf(results)}`;
}

/** What the results were had on. */
export const machine = () => ({
  processor: cpus()[0]?.model ?? '',
  cores: `${availableParallelism()} cores`,
  memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
  system: `${process.platform} ${release()}`,
  node: `Node ${process.versions.node}`,
});
