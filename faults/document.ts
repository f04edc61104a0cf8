import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { FaultResult } from './rig/fault';
import { tableOf } from './table';

/** Path below the folder the command was given in. */
const DOCUMENT = join('docs', 'reliability.md');
const BEGIN_MARK = '<!-- faults: begin -->';
const END_MARK = '<!-- faults: end -->';

/**
 * Writes the results in the place of the results of an earlier run.
 *
 * @param command the command as it was typed
 * @throws Error when the document has no place for the results
 */
export function writeDocument(results: FaultResult[], command: string, at: Date): void {
  const document = readFileSync(DOCUMENT, 'utf8');
  const [before, rest] = document.split(BEGIN_MARK);
  const after = rest?.split(END_MARK)[1];
  if (before === undefined || after === undefined)
    throw new Error(`${DOCUMENT} has no ${BEGIN_MARK} and ${END_MARK}`);
  writeFileSync(
    DOCUMENT,
    `${before}${BEGIN_MARK}\n\n${sectionOf(results, command, at)}\n\n${END_MARK}${after}`,
  );
}

function sectionOf(results: FaultResult[], command: string, at: Date): string {
  const facts = [
    at.toISOString().slice(0, 16).replace('T', ' '),
    `\`${command}\``,
    ...Object.values(machineFacts()),
  ];
  return `${facts.join(' · ')}\n\n${tableOf(results)}`;
}

/** Describes the machine that the results come from. */
export const machineFacts = () => ({
  processor: cpus()[0]?.model ?? '',
  cores: `${availableParallelism()} cores`,
  memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
  system: `${process.platform} ${release()}`,
  node: `Node ${process.versions.node}`,
});
