import { type Figure, type Measurement, mean } from './figures';

const HEADERS = ['name', 'what', 'figure', 'baseline', 'ratio or limit', 'required', ''];

/** Formats figures as a table, one row each. */
export function formatTable(figures: Figure[]): string {
  const rows = [HEADERS, ...figures.map(cellsOf)];
  const widths = HEADERS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const lines = rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '─'.repeat(width)).join('  '));
  return `${lines.join('\n')}\n`;
}

function cellsOf({ name, what, value, baseline, reached, required, ok }: Figure): string[] {
  const wanted =
    'atLeast' in required
      ? `≥ ${required.atLeast}`
      : `≤ ${required.below} ${baseline ? '' : value.unit}`.trimEnd();
  return [
    name,
    what,
    formatMeasurement(value),
    baseline ? `${formatMeasurement(baseline)} ${baseline.what}` : '',
    baseline ? reached.toFixed(2) : `${round(reached)} ${value.unit}`,
    wanted,
    ok ? 'ok' : 'SHORT',
  ];
}

/** Formats the mean, and the single runs where there was more than one. */
function formatMeasurement({ runs, unit }: Measurement): string {
  const spread = runs.length > 1 ? ` (${runs.map(round).join(', ')})` : '';
  return `${round(mean(runs))}${unit === '/s' ? '' : ' '}${unit}${spread}`;
}

const round = (value: number): string =>
  (Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 10) / 10).toLocaleString('en-US');
