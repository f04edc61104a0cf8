import type { VNode } from 'preact';
import { render } from 'preact-render-to-string';
import type { Overview } from '../../../core/monitoring/overview';
import { formatNumber, formatTimeOfDay } from '../labels/format';
import { Events } from './events';
import { findingViews } from './finding-views';
import { Findings, LanePauses } from './findings';
import { Handover } from './handover';
import { KeyFigures } from './key-figures';
import { Lines } from './lines';
import type { PanelProps } from './panel';
import { Processes } from './processes';
import { Queues } from './queues';
import { Resources } from './resources';
import { Traffic } from './traffic';

/** The time at which the shown figures were read. */
const Pulse = ({ overview: { at } }: PanelProps) => (
  <p id="pulse" class="pulse">
    خوانده‌شده در <time dateTime={at.toISOString()}>{formatTimeOfDay(at)}</time>
  </p>
);

/** The sections of the page that the stream updates. Each renders one element with an id of its own. */
export const PANELS = {
  Pulse,
  Findings,
  Pauses: LanePauses,
  KeyFigures,
  Traffic,
  Lines,
  Processes,
  Handover,
  Queues,
  Resources,
  Events,
} satisfies Record<string, (props: PanelProps) => VNode>;

/** Renders each panel to HTML, by its name. */
export const renderPanels = (overview: Overview): Record<string, string> =>
  Object.fromEntries(
    Object.entries(PANELS).map(([name, Panel]) => [name, render(<Panel overview={overview} />)]),
  );

/** Returns the title of the page, with the number of findings, so that a tab in the background shows it too. */
export function statusTitle(overview: Overview): string {
  const findings = findingViews(overview).length;
  return findings > 0 ? `(${formatNumber(findings)}) وضعیت` : 'وضعیت';
}
