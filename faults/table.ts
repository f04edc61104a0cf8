import type { Result } from './rig/fault';

const HEAD = [
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

const cellsOf = (result: Result): string[] => {
  const { name, what, acknowledged, sms, emails, unknown, doubles, lost, firstAfter, allAfter } = result;
  const counts = [acknowledged, sms, emails, unknown, doubles, lost].map(String);
  return [name, what, ...counts, seconds(firstAfter), seconds(allAfter), verdictOf(result)];
};

const verdictOf = ({ verdict, remark }: Result) => (remark ? `${verdict} (${remark})` : verdict);

/** The results as a table of Markdown, which people at a terminal can read as well. */
export function tableOf(results: Result[]): string {
  const rows = [HEAD, ...results.map(cellsOf)];
  const widths = HEAD.map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)));
  const isFigure = (i: number) => i >= 2 && i < HEAD.length - 1;
  const line = (row: string[]) =>
    `| ${row.map((cell, i) => (isFigure(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, i) => (isFigure(i) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [line(HEAD), line(rule), ...rows.slice(1).map(line)].join('\n');
}
