/** What stands above and below every page. */
export const frameStyle = `
.skip {
  position: absolute; inset-inline-start: 1rem; inset-block-start: -6rem; z-index: 10; padding: .5rem 1rem;
  background: var(--card); border-radius: 8px;
}
.skip:focus { inset-block-start: .5rem; }
main {
  flex: 1; inline-size: 100%; max-inline-size: var(--measure); margin-inline: auto;
  padding: clamp(1.5rem, 4vw, 2.75rem) clamp(1rem, 4vw, 2.5rem) clamp(3rem, 6vw, 5rem);
}
body.wide { --measure: 92rem; }

.site-header { background: var(--card); border-block-end: 1px solid var(--line); }
.brand-row, .site-nav {
  display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 1.5rem;
  padding-inline: max(clamp(1rem, 4vw, 2.5rem), (100% - var(--measure)) / 2 + 2.5rem);
}
.brand-row { padding-block: .875rem; background: var(--band); color: var(--band-ink); }
.brand-row :focus-visible { outline-color: var(--band-ink); }
.brand { display: flex; min-inline-size: 0; align-items: center; gap: .875rem; color: inherit; text-decoration: none; }
.brand:hover { color: inherit; }
.brand:hover strong { text-decoration: underline; text-underline-offset: .35em; text-decoration-thickness: 1px; }
.brand > span { display: grid; line-height: 1.6; min-inline-size: 0; }
.brand small { color: var(--band-soft); font-size: .8125rem; }
.brand strong { font-size: 1.0625rem; }
.mark { flex: none; }
.mark-ground { fill: rgb(255 255 255 / .14); }
.mark-line { fill: none; stroke: currentcolor; stroke-width: 1.75; stroke-linejoin: round; }
.mark-seal { fill: #e0a63c; }

.account { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .75rem; }
.account p { display: grid; line-height: 1.6; margin-inline-end: .5rem; min-inline-size: 0; }
.account small { color: var(--band-soft); font-size: .8125rem; }
.account p a { color: inherit; }
.account p a:hover { color: var(--band-ink); }
.account .button.quiet { color: var(--band-ink); border-color: rgb(255 255 255 / .45); background: transparent; }
.account .button.quiet:hover { background: rgb(255 255 255 / .14); color: var(--band-ink); }

.site-nav { padding-block: 0; }
.site-nav ul { display: flex; flex-wrap: wrap; gap: 0 .25rem; margin: 0; padding: 0; list-style: none; margin-inline: -.75rem; }
.site-nav a, .elsewhere { display: inline-flex; align-items: baseline; gap: .5rem; padding: .625rem .75rem; }
.site-nav a { color: var(--ink); text-decoration: none; font-weight: 600; border-block-end: 3px solid transparent; }
.site-nav a:focus-visible { outline-offset: -3px; }
.site-nav a:hover { color: var(--accent); border-color: var(--line); }
.site-nav [aria-current] { color: var(--accent); border-color: var(--accent); }
.elsewhere { color: var(--soft); }
.elsewhere small { font-size: .75rem; }
@media (max-width: 40rem) {
  .site-nav ul { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); inline-size: calc(100% + 1.5rem); padding-block: .25rem; }
  .site-nav a, .elsewhere { padding-block: .5rem; }
  .elsewhere { display: grid; gap: 0; line-height: 1.6; }
  .site-nav a { border-block-end: 0; }
  .account { inline-size: 100%; }
  .account p { flex: 1 1 100%; }
}

.site-footer {
  padding: 1.5rem clamp(1rem, 4vw, 2.5rem) 2rem; border-block-start: 1px solid var(--line); background: var(--card);
  text-align: center;
}
.site-footer a { font-weight: 600; }
.site-footer p { margin-block-start: .5rem; color: var(--soft); font-size: .875rem; }
`;
