import type { FaultResult } from './rig/fault';

const HEADINGS = [
  'fault',
  'what is done',
  'notices',
  'SMS',
  'emails',
  'unknown',
  'doubles',
  'lost',
  'first new after',
  'all done after',
  'verdict',
];

const seconds = (value: number | null) => (value === null ? '' : `${value.toFixed(1)} s`);

const cellsOf = (result: FaultResult): string[] => {
  const {
    name,
    description,
    acknowledged,
    sms,
    emails,
    unknown,
    duplicates,
    lost,
    firstSentAfterSeconds,
    allSettledAfterSeconds,
  } = result;
  const counts = [acknowledged, sms, emails, unknown, duplicates, lost].map(String);
  return [
    name,
    description,
    ...counts,
    seconds(firstSentAfterSeconds),
    seconds(allSettledAfterSeconds),
    verdictOf(result),
  ];
};

const verdictOf = ({ verdict, remark }: FaultResult) => (remark ? `${verdict} (${remark})` : verdict);

/** Formats the results as a Markdown table, which is readable at a terminal as well. */
export function tableOf(results: FaultResult[]): string {
  const rows = [HEADINGS, ...results.map(cellsOf)];
  const widths = HEADINGS.map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)));
  const isFigure = (i: number) => i >= 2 && i < HEADINGS.length - 1;
  const line = (row: string[]) =>
    `| ${row.map((cell, i) => (isFigure(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, i) => (isFigure(i) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [line(HEADINGS), line(rule), ...rows.slice(1).map(line)].join('\n');
}
