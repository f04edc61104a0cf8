import type { ComponentChildren } from 'preact';

interface CardTableProps {
  /** The id of the heading that names it. */
  labelledBy: string;
  columns: readonly string[];
  rows: readonly { key: string; cells: readonly ComponentChildren[] }[];
}

/** A table, which on a narrow screen is a row of cards. The roles stay when the display changes. */
export const CardTable = ({ labelledBy, columns, rows }: CardTableProps) => (
  <div class="table-frame">
    {/* biome-ignore lint/a11y/noRedundantRoles: a table shown as cards is none to a browser without them */}
    <table class="cards" role="table" aria-labelledby={labelledBy}>
      {/* biome-ignore lint/a11y/noRedundantRoles: as above */}
      <thead role="rowgroup">
        {/* biome-ignore lint/a11y/noRedundantRoles: as above */}
        <tr role="row">
          {columns.map((name) => (
            // biome-ignore lint/a11y/noRedundantRoles: as above
            <th key={name} scope="col" role="columnheader">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      {/* biome-ignore lint/a11y/noRedundantRoles: as above */}
      <tbody role="rowgroup">
        {rows.map(({ key, cells }) => (
          // biome-ignore lint/a11y/noRedundantRoles: as above
          <tr key={key} role="row">
            {columns.map((name, i) => (
              // biome-ignore lint/a11y/noRedundantRoles: as above
              <td key={name} role="cell" data-label={name}>
                {cells[i]}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
