// biome-ignore-all lint/a11y/noRedundantRoles: without these roles browsers do not treat a table shown as cards as a table
import type { ComponentChildren } from 'preact';
import { classNames } from './forms';

interface CardTableProps {
  /** The id of the heading that names the table. */
  labelledBy: string;
  class?: string;
  columns: readonly string[];
  /** The CSS class of a column's cells, by the column's name. */
  cellClasses?: Readonly<Record<string, string>>;
  rows: readonly { key: string; class?: string | undefined; cells: readonly ComponentChildren[] }[];
}

/** A table whose rows become cards on a narrow screen. Its roles stay when the display changes. */
export const CardTable = ({
  labelledBy,
  class: className,
  columns,
  cellClasses = {},
  rows,
}: CardTableProps) => (
  <div class="table-frame">
    <table class={classNames('cards', className)} role="table" aria-labelledby={labelledBy}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((name) => (
            <th key={name} scope="col" role="columnheader">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map(({ key, class: rowClass, cells }) => (
          <tr key={key} role="row" class={rowClass}>
            {columns.map((name, i) => (
              <td key={name} role="cell" data-label={name} class={cellClasses[name]}>
                {cells[i]}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
