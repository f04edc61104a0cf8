/** What opens above a page: windows, menus, tabs. */
export const overlayStyle = `
dialog {
  inline-size: min(56rem, calc(100vw - 2rem)); max-block-size: calc(100dvh - 2rem); padding: 0; border: 1px solid var(--line);
  border-radius: var(--radius); background: var(--card); color: var(--ink); box-shadow: 0 20px 60px rgb(0 0 0 / .3); overflow: auto;
}
dialog.small { inline-size: min(34rem, calc(100vw - 2rem)); }
dialog::backdrop { background: rgb(10 24 30 / .6); }
.dialog-bar {
  position: sticky; inset-block-start: 0; z-index: 2; display: flex; justify-content: flex-end; padding: .5rem .75rem;
  background: var(--card); border-block-end: 1px solid var(--line);
}
.dialog-body { padding: clamp(1rem, 3vw, 2rem); }
.dialog-body > .card { padding: 0; border: 0; box-shadow: none; max-inline-size: none; }
.dialog-body .page-only { display: none; }

details.menu { position: relative; display: inline-block; }
details.menu > summary { list-style: none; }
details.menu > summary::-webkit-details-marker { display: none; }
details.menu > summary::after { content: "▾"; font-size: .875em; }
details.menu[open] > summary { background: var(--tint); }
.menu-items {
  position: absolute; inset-inline-end: 0; inset-block-start: calc(100% + .25rem); z-index: 5; min-inline-size: 13rem; margin: 0;
  padding: .375rem; list-style: none; background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  box-shadow: 0 12px 32px rgb(16 38 46 / .2);
}
.menu-items a, .menu-items button {
  display: block; inline-size: 100%; padding: .5rem .875rem; border: 0; border-radius: 8px; background: none; color: var(--ink);
  font: inherit; text-align: start; text-decoration: none; cursor: pointer;
}
.menu-items a:hover, .menu-items button:hover { background: var(--tint); color: var(--accent-hover); }
@media (max-width: 64rem) {
  table.cards details.menu { display: block; }
  table.cards .menu-items { position: static; margin-block-start: .5rem; box-shadow: none; }
}

.tabs > nav { display: flex; flex-wrap: wrap; gap: .25rem; border-block-end: 1px solid var(--line); margin-block-end: 1.25rem; }
.tabs > nav a { padding: .625rem 1rem; border-block-end: 3px solid transparent; color: var(--soft); font-weight: 600; text-decoration: none; }
.tabs > nav a:hover { color: var(--accent); }
.tabs > nav a[aria-selected=true] { color: var(--accent); border-color: var(--accent); }
.tabs > section + section { margin-block-start: 2rem; }
.letter {
  padding: 1.25rem 1.5rem; border: 1px solid var(--line); border-radius: 12px; background: var(--sunken);
  white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext;
}
.sheet { display: block; inline-size: 100%; block-size: min(70vh, 52rem); border: 1px solid var(--line); border-radius: 10px; background: #fff; }
img.picture { display: block; max-inline-size: 100%; block-size: auto; border: 1px solid var(--line); border-radius: 10px; background: #fff; }
`;
