import type { VNode } from 'preact';
import { render } from 'preact-render-to-string';
import type { Overview } from '../../../core/monitoring/overview';
import { formatNumber, formatTimeOfDay } from '../labels/format';
import { findingViews } from './finding-views';
import { Findings, LanePauses } from './findings';
import { Handover } from './handover';
import { KeyFigures } from './key-figures';
import { Lines } from './lines';
import type { PanelProps } from './panel';
import { Queues } from './queues';
import { Events, Processes, Resources } from './resources';
import { Traffic } from './traffic';

/** When what the page shows was so. */
const Pulse = ({ overview: { at } }: PanelProps) => (
  <p id="pulse" class="pulse">
    خوانده‌شده در <time dateTime={at.toISOString()}>{formatTimeOfDay(at)}</time>
  </p>
);

/** Every part of the page that the stream brings up to date. Each is one element with an id of its own. */
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

/** The parts as HTML, by their names. */
export const renderPanels = (overview: Overview): Record<string, string> =>
  Object.fromEntries(
    Object.entries(PANELS).map(([name, Part]) => [name, render(<Part overview={overview} />)]),
  );

/** The title of the page, with how much is wrong, so that a tab in the background tells it too. */
export function statusTitle(overview: Overview): string {
  const troubles = findingViews(overview).length;
  return troubles > 0 ? `(${formatNumber(troubles)}) وضعیت` : 'وضعیت';
}
