/** Tables that become cards on a phone, pages of a list, the course of a notice. */
export const listStyle = `
.table-frame { background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); box-shadow: var(--shadow); }
table { inline-size: 100%; border-collapse: collapse; font-size: .9375rem; }
caption { text-align: start; padding: 1rem 1.25rem; font-weight: 700; }
th, td { padding: .75rem .625rem; text-align: start; vertical-align: middle; }
th:first-child, td:first-child { padding-inline-start: 1.25rem; }
th:last-child, td:last-child { padding-inline-end: 1.25rem; }
thead th { color: var(--soft); font-size: .8125rem; font-weight: 600; line-height: 1.6; border-block-end: 1px solid var(--line); }
tbody tr + tr { border-block-start: 1px solid var(--line); }
tbody tr:hover { background: var(--sunken); }
tbody tr:last-child td:first-child { border-end-start-radius: var(--radius); }
tbody tr:last-child td:last-child { border-end-end-radius: var(--radius); }
tr.unviewed td:first-child { box-shadow: inset -4px 0 var(--accent); }
[dir=ltr] tr.unviewed td:first-child { box-shadow: inset 4px 0 var(--accent); }
tr.unviewed .subject { font-weight: 700; }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
td.clip { overflow-wrap: anywhere; }
.none { color: var(--soft); }
.badge {
  display: inline-block; padding: 0 .625rem; border-radius: 99px; background: var(--sunken); color: var(--soft);
  font-size: .8125rem; font-weight: 600; white-space: nowrap;
}
.badge.good { background: var(--good-back); color: var(--good); }
.badge.bad { background: var(--bad-back); color: var(--bad); }
.badge.caution { background: var(--caution-back); color: var(--caution); }
.badge.accent { background: var(--tint); color: var(--accent); }
.tick { color: var(--good); font-weight: 700; font-size: 1.125rem; }

@media (max-width: 64rem) {
  table.cards, table.cards caption, table.cards tbody, table.cards tr, table.cards td, table.cards th[scope=row] { display: block; }
  .table-frame:has(table.cards) { background: none; border: 0; box-shadow: none; border-radius: 0; }
  table.cards thead { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
  table.cards caption { padding-inline: 0; }
  table.cards tbody { display: grid; gap: 1rem; }
  table.cards tr {
    padding: .75rem 1.125rem 1rem; background: var(--card); border: 1px solid var(--line);
    border-radius: var(--radius); box-shadow: var(--shadow);
  }
  table.cards tr:hover { background: var(--card); }
  table.cards tr.unviewed { border-inline-start: 5px solid var(--accent); }
  table.cards tr.unviewed td:first-child { box-shadow: none; }
  table.cards td, table.cards th[scope=row] {
    display: grid; grid-template-columns: minmax(6.5rem, 2fr) 3fr; gap: .75rem; align-items: baseline; padding: .3125rem 0;
    white-space: normal; overflow-wrap: anywhere;
  }
  table.cards td::before, table.cards th[scope=row]::before {
    content: attr(data-label); color: var(--soft); font-size: .875rem; font-weight: 400;
  }
  table.cards td:empty { display: none; }
}
@media (min-width: 40.01rem) and (max-width: 64rem) {
  table.cards tr { display: grid; grid-template-columns: 1fr 1fr; gap: 0 2rem; }
}

.pages { display: flex; flex-wrap: wrap; align-items: center; justify-content: center; gap: .75rem; margin-block-start: 1.5rem; }
.empty { padding: clamp(2rem, 6vw, 3.5rem) 1.25rem; text-align: center; color: var(--soft); }
.empty h2 { color: var(--ink); }

.course { margin: 0; padding: 0; list-style: none; }
.course li { position: relative; padding: 0 1.75rem 1.125rem 0; }
[dir=ltr] .course li { padding: 0 0 1.125rem 1.75rem; }
.course li::before {
  content: ""; position: absolute; inset-inline-start: .25rem; inset-block-start: .625rem; inline-size: .75rem; block-size: .75rem;
  border: 2px solid var(--accent); border-radius: 50%; background: var(--card); z-index: 1;
}
.course li::after {
  content: ""; position: absolute; inset-inline-start: calc(.625rem - 1px); inset-block: 1rem -.625rem;
  inline-size: 2px; background: var(--line);
}
.course li:last-child { padding-block-end: 0; }
.course li:last-child::after { display: none; }
.course time { color: var(--soft); font-size: .875rem; }
`;
