// biome-ignore-all lint/a11y/noRedundantRoles: a table shown as cards is none to a browser without them
import type { ComponentChildren } from 'preact';
import { classNames } from './forms';

interface CardTableProps {
  /** The id of the heading that names it. */
  labelledBy: string;
  class?: string;
  columns: readonly string[];
  /** How the cells of a column look, by its name. */
  cellClasses?: Readonly<Record<string, string>>;
  rows: readonly { key: string; class?: string | undefined; cells: readonly ComponentChildren[] }[];
}

/** A table, which on a narrow screen is a row of cards. The roles stay when the display changes. */
export const CardTable = ({ labelledBy, class: look, columns, cellClasses = {}, rows }: CardTableProps) => (
  <div class="table-frame">
    <table class={classNames('cards', look)} role="table" aria-labelledby={labelledBy}>
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
        {rows.map(({ key, class: state, cells }) => (
          <tr key={key} role="row" class={state}>
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
