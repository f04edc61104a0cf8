/** Each line of a dense table as a block of named values. */
const reflow = (which: string): string => `
  table.dense${which}, table.dense${which} tbody { display: block; }
  table.dense${which} thead { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
  table.dense${which} tr { display: grid; grid-template-columns: repeat(auto-fit, minmax(4.25rem, 1fr)); gap: 0 .75rem; padding-block: .375rem; }
  table.dense${which} tbody th { grid-column: 1 / -1; }
  table.dense${which} :is(th, td) { display: block; padding: 0 !important; min-inline-size: 0; }
  table.dense${which} td::before { content: attr(data-label); display: block; color: var(--soft); font-size: .75rem; font-weight: 400; }`;

/** The status page: dense, calm while all is well, and as wide as the screen. */
export const statusStyle = `
:root { --accepted: #0067a8; --sent: #a85400; --delivered: #00735a; --failed: #b3261e; --unknown: #6b4fa0; }
:root { --p50: var(--accepted); --p95: var(--sent); --p99: var(--failed); --within10s: var(--delivered); }
@media (prefers-color-scheme: dark) {
  :root { --accepted: #6db6f2; --sent: #f2a65a; --delivered: #5fd0a5; --failed: #ff8f80; --unknown: #c3a6f5; }
}
html:not(.charted) .charted-only, html.live .still-only { display: none; }
main:has(.status-head) { padding-block: 1.25rem 2.5rem; }
.status-head { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; margin-block-end: .75rem; }
.status-head h1 { font-size: 1.375rem; }
main:has(.status-head) time { font-variant-numeric: normal; }
.pulse { color: var(--soft); font-size: .875rem; }
.live .pulse::before {
  content: ""; display: inline-block; inline-size: .625rem; block-size: .625rem; margin-inline-end: .5rem;
  border: 2px solid var(--good); border-radius: 50%; background: var(--good);
}
.stale .pulse::before { border-color: var(--bad); background: none; }
.stale .pulse { color: var(--bad); font-weight: 700; }
.stale .calm { display: none; }
#away p {
  margin-block-end: .75rem; padding: .75rem 1rem; border: 1px solid; border-inline-start-width: 6px; border-radius: 10px;
  background: var(--bad-back); color: var(--bad);
}

.findings { margin-block-end: .75rem; }
.findings ul {
  display: grid; grid-template-columns: minmax(0, 5fr) minmax(12rem, auto) minmax(0, 5fr) minmax(0, 8fr); gap: .5rem 1.25rem;
  margin: 0; padding: 0; list-style: none;
}
.finding {
  display: grid; grid-column: 1 / -1; grid-template-columns: subgrid; gap: 0 1.25rem; align-items: baseline; padding: .5rem 1rem; border: 1px solid var(--line); border-inline-start: 6px solid currentcolor;
  border-radius: 10px; background: var(--card); font-size: .9375rem; line-height: 1.75;
}
.finding h2 { font-size: 1rem; grid-column: 1; }
.finding .since { grid-column: 2; white-space: nowrap; font-size: .875rem; }
.finding .detail { grid-column: 3; color: inherit; }
.finding .remedy { grid-column: 4; color: var(--ink); }
.finding.bad { border-color: currentcolor; background: var(--bad-back); color: var(--bad); }
.finding.caution { border-color: currentcolor; background: var(--caution-back); color: var(--caution); }
.finding.pause { border-inline-start-color: var(--accent); }
.finding.bad a, .finding.caution a { color: inherit; font-weight: 700; }
.calm {
  padding: .5rem 1rem; border: 1px solid var(--line); border-inline-start: 6px solid var(--good); border-radius: 10px;
  background: var(--card); color: var(--good); font-weight: 600;
}
.detail { overflow-wrap: anywhere; }

.key-figures { display: grid; gap: .5rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 10.5rem), 1fr)); margin: 0 0 .75rem; }
.key-figure { padding: .5rem 1rem .625rem; border: 1px solid var(--line); border-radius: 10px; background: var(--card); min-inline-size: 0; }
.key-figure dt { color: var(--soft); font-size: .8125rem; }
.key-figure dd { display: grid; margin: 0; }
.key-figure strong { font-size: 1.625rem; line-height: 1.4; }
.key-figure small { color: var(--soft); font-size: .8125rem; }
.key-figure.bad { border-color: currentcolor; background: var(--bad-back); color: var(--bad); }
.key-figure.caution { border-color: currentcolor; background: var(--caution-back); color: var(--caution); }
.key-figure:is(.bad, .caution) :is(dt, small, a) { color: inherit; }

.status-columns { display: grid; gap: .75rem; grid-template-columns: minmax(0, 1.6fr) minmax(0, 1fr); align-items: start; }
.status-columns > div { display: grid; gap: .75rem; min-inline-size: 0; }
.card.panel { padding: .75rem 1rem 1rem; border-radius: 10px; box-shadow: none; min-inline-size: 0; }
.card.panel > * + * { margin-block-start: .5rem; }
.panel h2 { font-size: 1rem; }
.panel h3 { font-size: .9375rem; }
.panel-head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .25rem 1rem; }
@media (max-width: 64rem) { .status-columns { grid-template-columns: minmax(0, 1fr); } }

table.dense { font-size: .875rem; line-height: 1.6; }
table.dense :is(th, td) { padding: .3125rem .5rem; }
table.dense :is(th, td):first-child { padding-inline-start: .25rem; }
table.dense :is(th, td):last-child { padding-inline-end: .25rem; border-radius: 0; }
table.dense tbody tr td:first-child { border-radius: 0; }
table.dense tbody th { font-weight: 600; }
table.dense tr.idle :is(th, td, strong) { color: var(--soft); font-weight: 400; }
table.dense tr.caution td { color: var(--caution); font-weight: 700; }
table.dense .slow { color: var(--caution); font-weight: 700; }
table.dense tr.bad :is(th, td) { color: var(--bad); }
table.dense .badge { line-height: 1.5; }

.charts { display: grid; gap: .5rem 1.25rem; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); }
.charts figure { margin: 0; min-inline-size: 0; }
.charts figcaption { color: var(--soft); font-size: .8125rem; }
.lane-switch { display: flex; flex-wrap: wrap; border: 1px solid var(--control); border-radius: 8px; }
.lane-switch label { position: relative; padding: .125rem .75rem; font-size: .875rem; cursor: pointer; border-radius: 7px; }
.lane-switch label:has(:checked) { background: var(--accent); color: var(--accent-ink); font-weight: 600; }
.lane-switch label:has(:focus-visible) { outline: 3px solid var(--accent); outline-offset: 2px; }
.lane-switch input { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; margin: 0; opacity: 0; cursor: pointer; }
.uplot, .uplot .u-legend { font-family: inherit; }
.u-legend.u-inline { direction: rtl; margin: 0; text-align: start; font-size: .8125rem; }
.u-legend.u-inline.u-live th::after { content: none; }
.u-legend tbody tr:hover { background: none; }
.u-legend tbody tr + tr { border: 0; }
.u-legend.u-inline tr { margin-inline: 0 1rem; }
.u-legend .u-series th { pointer-events: none; }
.u-legend .u-series > * { padding: .125rem; }
.u-legend .u-marker { inline-size: 1.5em; block-size: 0; margin-inline: 0 .375rem; border-width: 2px 0 0 !important; }
.u-legend .u-series:first-child .u-marker { display: none; }
.u-legend .u-series:first-child .u-label { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
.u-hz .u-cursor-x { border-color: var(--control); }

.measure { display: inline-flex; align-items: center; gap: .5rem; white-space: nowrap; }
.key, .spark { fill: none; stroke: currentcolor; stroke-width: 2; }
.key { inline-size: 1.5rem; block-size: .375rem; flex: none; }
.spark { display: block; inline-size: 100%; min-inline-size: 5rem; block-size: 1.375rem; }
.spark polyline { vector-effect: non-scaling-stroke; stroke-width: 1.5; }
${['accepted', 'sent', 'delivered', 'failed', 'unknown'].map((name) => `.${name} .key, .spark.${name} { color: var(--${name}); }`).join('\n')}
.sent .key { stroke-dasharray: 9 4; }
.delivered .key { stroke-dasharray: 2 3; }
.unknown .key { stroke-dasharray: 6 4; }
.charted #traffic .dense :is(th, td):last-child { display: none; }

.bar { display: block; inline-size: 100%; block-size: .25rem; border-radius: 2px; overflow: hidden; }
.bar .track { fill: var(--line); }
.bar .fill { fill: var(--accent); }
.bar.caution .fill { fill: var(--caution); }

.lines { display: grid; gap: .5rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); }
.line { padding: .5rem .75rem; border: 1px solid var(--line); border-inline-start: 4px solid var(--good); border-radius: 8px; font-size: .875rem; min-inline-size: 0; }
.line.bad { border-inline-start-color: var(--bad); }
.line.caution { border-inline-start-color: var(--caution); }
.line h3 { display: flex; flex-wrap: wrap; align-items: baseline; gap: .375rem .5rem; }
.line h3 small { color: var(--soft); font-weight: 400; }
.line .badge + .badge { margin-inline-start: .25rem; }
.line .since { color: var(--soft); }
.dense-facts { gap: 0 1rem; grid-template-columns: repeat(auto-fit, minmax(5rem, 1fr)); }
.dense-facts > div { padding-block: .25rem; border: 0; }
.dense-facts dt { font-size: .8125rem; }
.codes { display: flex; flex-wrap: wrap; gap: .25rem .375rem; color: var(--soft); font-size: .8125rem; }
.resources { display: grid; gap: .375rem 1rem; margin: 0; font-size: .875rem; }
.resources > div { display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; }
.resources dt { color: var(--soft); }
.resources dd { margin: 0; font-weight: 600; }
.resources .meter { grid-column: 1 / -1; }
.events { display: grid; gap: 0 1.5rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13rem), 1fr)); margin: 0; font-size: .875rem; }
.events > div { display: flex; justify-content: space-between; gap: 1rem; padding-block: .1875rem; border-block-end: 1px solid var(--line); }
.events dt { color: var(--soft); }
.events dd { margin: 0; font-weight: 600; }

@media (max-width: 70rem) { .findings ul { grid-template-columns: minmax(0, 1fr) auto; } .finding :is(.detail, .remedy) { grid-column: 1 / -1; } }
@media (max-width: 40rem) {
  .findings ul { grid-template-columns: minmax(0, 1fr); }
  .finding > * { grid-column: 1 !important; }
  .key-figures { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .key-figure { padding-inline: .75rem; }
  .charts { grid-template-columns: minmax(0, 1fr); }
  table.dense { font-size: .8125rem; }
  table.dense :is(th, td) { padding-inline: .25rem; }
  .measure .key { display: none; }
  ${reflow('.wide')}
}
@media (max-width: 22rem) {
  ${reflow('')}
}
`;
