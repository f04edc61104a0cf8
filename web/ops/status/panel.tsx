import type { ComponentChildren } from 'preact';
import type { Overview } from '../../../core/monitoring/overview';
import { classNames } from '../../ui/forms';

export interface PanelProps {
  overview: Overview;
}

/** One section of the status page. The stream updates it by its id. */
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
  /** The subject of the rows, for screen readers. */
  caption: string;
  /** The column headings; the first column names the row. */
  heads: readonly string[];
  /** Whether the table is too wide for a phone. There each row then becomes a block of named values. */
  wide?: boolean;
  rows: readonly { name: ComponentChildren; cells: readonly ComponentChildren[]; tone?: Tone }[];
}
type Tone = 'bad' | 'caution' | 'idle' | undefined;

/** A table with little space around its cells. */
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

/** A bar from 0 to 1, beside the number that it illustrates. */
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
