/** What only the inbox has: twelve columns on one screen, its search, a notice's files. */
export const inboxStyle = `
.notices { font-size: .8125rem; line-height: 1.7; }
.notices th, .notices td { padding: .625rem .3125rem; }
.notices th { font-size: .75rem; }
.notices th:first-child, .notices td:first-child { padding-inline-start: 1rem; }
.notices th:last-child, .notices td:last-child { padding-inline-end: 1rem; }
.notices td.number, .notices time, .facts time, .course time { font-variant-numeric: normal; }
.notices td.clip { min-inline-size: 7.5rem; overflow-wrap: anywhere; }
.notices small { display: block; font-size: .75rem; line-height: 1.6; }
.notices .copyable { display: inline-grid; justify-items: start; gap: .25rem; }
.notices .copyable .code { font-size: .9375rem; letter-spacing: .04em; }
.notices .copyable .button { min-block-size: 1.75rem; padding: 0 .625rem; font-size: .75rem; }
.notices .menu summary { min-block-size: 2.25rem; padding: .125rem .75rem; font-size: .8125rem; }
.notices .menu-items { font-size: .9375rem; }
@media (max-width: 64rem) {
  .notices { font-size: .9375rem; }
  .notices td, .notices td:first-child, .notices td:last-child { padding: .3125rem 0; }
  .notices td > * { justify-self: start; }
  .notices td.actions-cell { display: block; padding-block-start: .75rem; }
  .notices td.actions-cell::before { content: none; }
  .notices .menu summary { inline-size: 100%; }
  .notices .menu-items { min-inline-size: 0; }
  .notices td.clip { min-inline-size: 0; }
  .notices .copyable .code { font-size: 1.125rem; }
  .notices .copyable .button, .notices .menu summary { min-block-size: 2.75rem; padding: .25rem 1rem; font-size: .9375rem; }
}

.search form.filters { display: block; margin-block-end: 1.5rem; }
.search-line, .filter-fields { display: flex; flex-wrap: wrap; align-items: flex-end; gap: .75rem; }
.search-line > .field, .filter-fields > .field { margin-block-start: 0; }
.search-line > .field { flex: 1 1 14rem; max-inline-size: 28rem; }
.filter-fields > .field { flex: 1 1 11rem; max-inline-size: 18rem; }
.more-filters > summary { inline-size: fit-content; padding-block: .5rem; color: var(--accent); font-weight: 600; cursor: pointer; }
.filters .field.faulty { flex-basis: 16rem; }
@media (max-width: 40rem) {
  .search-line > .field, .filter-fields > .field { flex-basis: 100%; max-inline-size: none; }
}

.message ul { margin: 0; padding-inline-start: 1.25rem; }
.notice .facts, .inquired .facts { gap: 0 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 8rem), 1fr)); }
.course time + span { margin-inline-start: .75rem; }
.course { padding-block-start: .375rem; }
.notice > section > h2 { padding-block-start: .75rem; }
.notice .copyable .code { font-size: 1.125rem; }
figure.file { margin: 0; }
figure.file + figure.file { margin-block-start: 2rem; }
figure.file figcaption {
  display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 1rem; margin-block-end: .75rem;
}
.explanation { padding-block-start: 1rem; border-block-start: 1px solid var(--line); color: var(--soft); font-size: .9375rem; }
.explanation p + p { margin-block-start: .375rem; }
.permit form .field { max-inline-size: 22rem; }
`;
