/** What pages are made of: cards, messages, facts, the entries of the first page. */
export const contentStyle = `
.page-head { display: grid; gap: .375rem; margin-block-end: 1.75rem; }
.page-head p { color: var(--soft); max-inline-size: 44rem; }
.card {
  padding: clamp(1.25rem, 3.5vw, 2rem); background: var(--card); border: 1px solid var(--line);
  border-radius: var(--radius); box-shadow: var(--shadow);
}
.card.narrow { max-inline-size: 32rem; margin-inline: auto; }
.card > * + * { margin-block-start: 1rem; }
.card > h1 + p, .card > h2 + p { margin-block-start: .5rem; }
.stack > * + * { margin-block-start: 1.25rem; }
.hint { color: var(--soft); font-size: .9375rem; }
.steps { color: var(--accent); font-weight: 600; font-size: .875rem; }
.fault-page .button { margin-block-start: 1.5rem; }

.message {
  padding: 1rem 1.25rem; border: 1px solid var(--line); border-inline-start-width: 6px; border-radius: 10px;
  background: var(--card);
}
.message > * + * { margin-block-start: .375rem; }
.message h2 { font-size: 1rem; }
.message.good { color: var(--good); background: var(--good-back); border-color: currentcolor; }
.message.bad { color: var(--bad); background: var(--bad-back); border-color: currentcolor; }
.message.caution { color: var(--caution); background: var(--caution-back); border-color: currentcolor; }
.message.good a, .message.bad a, .message.caution a { color: inherit; }
.message .button { margin-block-start: .75rem; }
main > .message { margin-block-end: 1.5rem; }

.facts { display: grid; gap: 0 2rem; margin: 0; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); }
.facts > div { padding-block: .625rem; border-block-end: 1px solid var(--line); min-inline-size: 0; }
.facts dt { color: var(--soft); font-size: .875rem; }
.facts dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }

.code { font-family: ui-monospace, "Cascadia Mono", Consolas, "DejaVu Sans Mono", Vazirmatn, monospace; }
.copyable { display: inline-flex; flex-wrap: wrap; align-items: center; gap: .5rem .75rem; }
.copyable .code { font-family: inherit; font-size: 1.375rem; font-weight: 700; letter-spacing: .08em; }
.copyable .button { margin-block-start: 0; }

.entries { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); }
.entry { display: flex; flex-direction: column; gap: .375rem; padding: 1.5rem; }
.entry > * + * { margin-block-start: 0; }
.entry h2 { display: flex; align-items: center; gap: .75rem; }
.entry > p { color: var(--soft); }
.entry > p:has(+ a) { margin-block-end: 1rem; }
.entry > a {
  display: flex; align-items: center; justify-content: space-between; gap: 1rem; margin-block-start: auto;
  padding: .875rem 1.125rem; border-radius: 10px; background: var(--tint); color: var(--accent); font-weight: 700;
  line-height: 1.7; text-decoration: none;
}
.entry > a::after { content: "←"; font-weight: 400; transition: translate .15s; }
.entry > a:hover { background: var(--accent); color: var(--accent-ink); }
.entry > a:hover::after { translate: -.25rem 0; }
.entry.closed { padding-block: 1.125rem; background: transparent; box-shadow: none; border-style: dashed; border-color: var(--control); }
.entry.closed h2 { color: var(--soft); font-size: 1.0625rem; }
.icon { flex: none; inline-size: 1.75rem; block-size: 1.75rem; fill: none; stroke: var(--accent); stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
.closed .icon { stroke: var(--soft); }
.notes { margin-block-start: 2rem; }
.notes ul { margin: .75rem 0 0; padding: 0; list-style: none; display: grid; gap: .875rem; }
.notes li { padding-inline-start: 1.75rem; position: relative; max-inline-size: 52rem; }
.notes li::before { content: "◆"; position: absolute; inset-inline-start: 0; color: var(--accent); font-size: .75rem; line-height: 2.5; }
.notes a { overflow-wrap: anywhere; }
@media (prefers-reduced-motion: reduce) { *, ::before, ::after { transition: none !important; animation: none !important; } }
`;
