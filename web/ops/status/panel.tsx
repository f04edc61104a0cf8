import type { ComponentChildren } from 'preact';
import type { Overview } from '../../../core/monitoring/overview';
import { classNames } from '../../ui/forms';

export interface PanelProps {
  overview: Overview;
}

/** One part of the page, which the stream replaces by its id. */
export const Panel = ({
  id,
  title,
  children,
}: {
  id: string;
  title: string;
  children: ComponentChildren;
}) => (
  <section id={id} class="card panel" aria-labelledby={`${id}-title`}>
    <h2 id={`${id}-title`}>{title}</h2>
    {children}
  </section>
);

interface TableProps {
  /** What its lines are about, for those who do not see where it stands. */
  caption: string;
  /** Of the columns; the first one names the line. */
  heads: readonly string[];
  /** Whether it is too wide for a phone, where each of its lines then becomes a block of named values. */
  wide?: boolean;
  rows: readonly { name: ComponentChildren; cells: readonly ComponentChildren[]; tone?: Tone }[];
}
type Tone = 'bad' | 'caution' | 'idle' | undefined;

/** A dense table. */
export const Table = ({ caption, heads, rows, wide }: TableProps) => (
  <table class={classNames('dense', wide && 'wide')}>
    <caption class="visually-hidden">{caption}</caption>
    <thead>
      <tr>
        {heads.map((head) => (
          <th key={head} scope="col">
            {head}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {rows.map(({ name, cells, tone }, i) => (
        <tr key={i} class={tone}>
          <th scope="row">{name}</th>
          {cells.map((cell, column) => (
            <td key={column} data-label={heads[column + 1]}>
              {cell}
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  </table>
);

/** How full something is, from 0 to 1, beside the number that says it. */
export const Bar = ({ filled, tone }: { filled: number; tone?: Tone }) => (
  <svg
    class={classNames('bar', tone)}
    viewBox="0 0 100 4"
    preserveAspectRatio="none"
    aria-hidden="true"
    focusable="false"
  >
    <rect class="track" width="100" height="4" />
    <rect class="fill" width={Math.min(100, Math.max(0, filled * 100)).toFixed(1)} height="4" />
  </svg>
);
