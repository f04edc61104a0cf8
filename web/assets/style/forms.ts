/** Buttons and fields: large enough for a thumb, and told apart by more than their colour. */
export const formStyle = `
.button {
  display: inline-flex; align-items: center; justify-content: center; gap: .5rem; min-block-size: 2.75rem;
  padding: .375rem 1.25rem; border: 1px solid transparent; border-radius: 10px; background: var(--accent);
  color: var(--accent-ink); font: inherit; font-weight: 600; line-height: 1.7; text-decoration: none; cursor: pointer;
}
.button:hover { background: var(--accent-hover); color: var(--accent-ink); }
.button.quiet { background: transparent; border-color: var(--control); color: var(--accent); }
.button.quiet:hover { background: var(--tint); color: var(--accent-hover); }
.button.danger { background: transparent; border-color: currentcolor; color: var(--bad); }
.button.danger:hover { background: var(--bad-back); color: var(--bad); }
.button[disabled], .button[aria-disabled=true] { opacity: .6; cursor: default; }
.link-button {
  padding: 0; border: 0; background: none; color: var(--accent); font: inherit; text-decoration: underline;
  text-underline-offset: .28em; cursor: pointer; min-block-size: 1.75rem;
}
.link-button:hover { color: var(--accent-hover); }
form > * + * { margin-block-start: 1.25rem; }
form.inline { display: contents; }
form.inline > * + * { margin-block-start: 0; }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem; }
.actions > * + * { margin-block-start: 0; }

.field label, .field legend { display: block; padding: 0; font-weight: 600; }
.field .hint { margin-block-end: .375rem; }
.field .fault { margin-block-end: .375rem; color: var(--bad); font-weight: 600; }
.required { color: var(--bad); }
.field input, .field select, .field textarea {
  display: block; inline-size: 100%; min-block-size: 3rem; margin-block-start: .25rem; padding: .375rem .875rem;
  border: 1px solid var(--control); border-radius: 10px; background: var(--card); color: var(--ink); font: inherit;
}
.field select {
  appearance: none; padding-inline-end: 2.5rem; cursor: pointer;
  background: linear-gradient(45deg, transparent 50%, var(--soft) 50%) .875rem 55% / .4375rem .4375rem no-repeat,
    linear-gradient(-45deg, transparent 50%, var(--soft) 50%) 1.3125rem 55% / .4375rem .4375rem no-repeat, var(--card);
}
.field input::placeholder { color: var(--soft); opacity: 1; }
.field.faulty input, .field.faulty select { border: 2px solid var(--bad); }
.field input.numeric { font-size: 1.125rem; letter-spacing: .06em; text-align: start; }
.field input.one-time {
  font-size: 1.625rem; letter-spacing: .42em; text-align: center; padding-inline-start: calc(.875rem + .42em);
  font-variant-numeric: tabular-nums;
}
fieldset { min-inline-size: 0; margin: 0; padding: 0; border: 0; }
.choices { display: grid; gap: .5rem; grid-template-columns: repeat(auto-fit, minmax(7rem, 1fr)); }
.choices label {
  display: flex; align-items: center; gap: .625rem; padding: .5rem .875rem; border: 1px solid var(--control);
  border-radius: 10px; font-weight: 400; cursor: pointer;
}
.choices label:has(:checked) { border-color: var(--accent); background: var(--tint); font-weight: 600; }
.choices input, input[type=checkbox], input[type=radio] { accent-color: var(--accent); inline-size: 1.125rem; block-size: 1.125rem; }

.filters { display: flex; flex-wrap: wrap; align-items: flex-end; gap: .75rem; }
.filters > * + * { margin-block-start: 0; }
.filters .field { flex: 1 1 10rem; max-inline-size: 20rem; }
.filters .field input, .filters .field select { min-block-size: 2.75rem; }
@media (max-width: 30rem) { .card.narrow form > .button { inline-size: 100%; } }
@media (max-width: 40rem) { .filters .field { flex-basis: 100%; max-inline-size: none; } }
`;
