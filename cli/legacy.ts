import { createReadStream } from 'node:fs';
import { type CsvRecord, readCsv } from '../core/legacy/csv';
import { createLegacyImport, type LegacyOutcome } from '../core/legacy/legacy-import';
import {
  LEGACY_COLUMNS,
  type LegacyRow,
  parseLegacyRow,
  REQUIRED_LEGACY_COLUMNS,
} from '../core/legacy/legacy-row';
import { AblaghError } from '../core/platform/errors';
import type { Command, CommandInput } from './command';
import { withDatabase } from './with-database';

const ROWS_PER_TRANSACTION = 500;
/** The most bad lines that are named; further ones are only counted. */
const MAX_REPORTED_FAULTS = 10_000;

interface ImportReport {
  imported: number;
  /** Rows that were imported before, with the same content. */
  known: number;
  refused: number;
  faults: { line: number; detail: string }[];
}

const REFUSAL_REASONS: Record<Exclude<LegacyOutcome, 'imported' | 'known'>, string> = {
  unknown_source: 'source is the code of no source system',
  unknown_employer: 'nationalId is of no employer in the register',
  reference_conflict: 'reference was imported before, with other content',
};

async function importFile({ args, env }: CommandInput) {
  const [path] = args as [string];
  const report: ImportReport = { imported: 0, known: 0, refused: 0, faults: [] };
  try {
    await withDatabase(env, (db) => importRecords(createLegacyImport(db), path, report));
  } catch (error) {
    throw explainFileError(error, path);
  }
  report.faults.sort((a, b) => a.line - b.line);
  return { data: report, text: describe(report) };
}

/** Imports the file set by set, and counts the outcomes in `report`. */
async function importRecords(
  legacy: ReturnType<typeof createLegacyImport>,
  path: string,
  report: ImportReport,
): Promise<void> {
  let set: { line: number; row: LegacyRow }[] = [];
  const importSet = async (): Promise<void> => {
    const outcomes = await legacy.importRows(set.map(({ row }) => row));
    outcomes.forEach((outcome, i) => {
      if (outcome === 'imported' || outcome === 'known') report[outcome] += 1;
      else refuse(report, set[i]?.line as number, REFUSAL_REASONS[outcome]);
    });
    set = [];
  };
  const records = readCsv(createReadStream(path, { encoding: 'utf8' }));
  const columns = parseHeader((await records.next()).value);
  for await (const { line, fields, fault } of records) {
    const row = fault ?? parseLegacyRow(columns, fields);
    if (typeof row === 'string') refuse(report, line, row);
    else if (set.push({ line, row }) >= ROWS_PER_TRANSACTION) await importSet();
  }
  await importSet();
}

function refuse(report: ImportReport, line: number, detail: string): void {
  report.refused += 1;
  if (report.faults.length < MAX_REPORTED_FAULTS) report.faults.push({ line, detail });
}

function parseHeader(header: CsvRecord | undefined): string[] {
  const columns = header?.fields.map((name) => name.trim()) ?? [];
  const unknown = columns.filter((name) => !LEGACY_COLUMNS.includes(name));
  const missing = REQUIRED_LEGACY_COLUMNS.filter((name) => !columns.includes(name));
  if (unknown.length > 0 || missing.length > 0 || new Set(columns).size < columns.length) {
    const message = `The first line must name the columns, each once: ${REQUIRED_LEGACY_COLUMNS.join(', ')}, and any of ${LEGACY_COLUMNS.slice(REQUIRED_LEGACY_COLUMNS.length).join(', ')}.`;
    throw new AblaghError('invalid_file', message);
  }
  return columns;
}

function explainFileError(error: unknown, path: string): unknown {
  const { code, syscall } = error as { code?: string; syscall?: string };
  if (syscall !== 'open' && syscall !== 'read') return error;
  return new AblaghError('unreadable_file', `${path} cannot be read (${code}).`, { cause: error });
}

const describe = ({ imported, known, refused, faults }: ImportReport): string =>
  [
    `${imported} imported, ${known} known already, ${refused} refused.`,
    ...faults.map(({ line, detail }) => `line ${line}: ${detail}`),
    ...(refused > faults.length ? [`… and ${refused - faults.length} lines more`] : []),
  ].join('\n');

export const legacyCommands: Command[] = [
  {
    path: ['legacy', 'import'],
    parameters: ['FILE.csv'],
    summary: 'takes in notices of the previous portal; repeating it is harmless (docs/legacy-import.md)',
    run: importFile,
  },
];
