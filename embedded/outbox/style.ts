/** The look of the page: fonts of the machine only, light and dark, from 320 px up. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f4f3ef; --card: #ffffff; --ink: #1c2321; --soft: #56605c; --line: #dddad2; --control: #858d89;
  --accent: #0b6b58; --accent-ink: #ffffff; --phone: #e9ede9; --bubble: #ffffff;
  --good: #17633a; --good-back: #e0f2e6; --bad: #9a2619; --bad-back: #fbe7e3;
  --open: #4c5754; --open-back: #e9ebe9; --doubt: #7a4d00; --doubt-back: #fbeed2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #131716; --card: #1c2220; --ink: #e8ece9; --soft: #a5b0ab; --line: #333c39; --control: #78847f;
    --accent: #6fd3ba; --accent-ink: #06251e; --phone: #161b1a; --bubble: #27302d;
    --good: #86dba6; --good-back: #17351f; --bad: #ffab9d; --bad-back: #46201a;
    --open: #bcc6c1; --open-back: #2e3734; --doubt: #f2c568; --doubt-back: #3d2e10;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; padding: 0 clamp(.75rem, 3vw, 2.5rem) 4rem; background: var(--page); color: var(--ink);
  font: 1rem/1.9 Vazirmatn, Vazir, IRANSansX, "Segoe UI", Tahoma, system-ui, "DejaVu Sans", sans-serif;
  overflow-wrap: anywhere;
}
header, main { max-width: 76rem; margin-inline: auto; }
header { padding-block: clamp(1.25rem, 4vw, 2.5rem) 1rem; }
h1, h2, h3 { line-height: 1.5; font-weight: 700; }
h1 { margin: 0; font-size: clamp(1.4rem, 1.1rem + 1.4vw, 2rem); }
h2 { margin: 0 0 1rem; font-size: 1.2rem; }
h3 { margin: 0; font-size: 1rem; }
header > p { margin: .25rem 0 0; color: var(--soft); max-width: 46rem; }
a { color: var(--accent); text-underline-offset: .25em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; inset-inline-start: 1rem; top: -4rem; padding: .5rem 1rem; background: var(--card); z-index: 1; }
.skip:focus { top: .5rem; }
#messages { overflow-anchor: none; }
#messages:focus { outline: none; }
#live:empty { margin: 0; }
#live { color: var(--bad); font-weight: 700; }

form { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .75rem; margin-top: 1.25rem; }
label { font-weight: 700; }
@media (max-width: 30rem) { label { flex-basis: 100%; } }
input, button { min-height: 2.75rem; border-radius: 8px; font: inherit; }
input {
  flex: 1 1 10rem; max-width: 22rem; min-width: 0; padding: .25rem .75rem; border: 1px solid var(--control);
  background: var(--card); color: var(--ink);
}
input::placeholder { color: var(--soft); opacity: 1; }
button { padding: .25rem 1.25rem; border: 0; background: var(--accent); color: var(--accent-ink); font-weight: 700; cursor: pointer; }
.count { color: var(--soft); font-size: .875rem; font-weight: 400; margin-inline-start: .5rem; }
.none { margin: 0; color: var(--soft); }

.lists { display: grid; gap: 2.5rem clamp(1.5rem, 3vw, 3rem); align-items: start; }
.lists > section { min-width: 0; padding-top: 1.25rem; border-top: 1px solid var(--line); }
@media (min-width: 56rem) { .lists { grid-template-columns: minmax(20rem, 5fr) minmax(0, 7fr); } }

.phone { border: 1px solid var(--line); border-radius: 22px; background: var(--phone); overflow: hidden; }
.phone + .phone { margin-top: 1.25rem; }
.phone h3 {
  display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: .25rem 1rem;
  padding: .75rem 1.25rem; background: var(--card); border-bottom: 1px solid var(--line);
}
.phone h3 a { text-decoration: none; letter-spacing: .02em; }
.phone h3 a:hover { text-decoration: underline; }
.phone ol { margin: 0; padding: 1.25rem; list-style: none; display: grid; gap: 1.5rem; }
.phone p { margin: 0; }
.sender { color: var(--soft); font-size: .8125rem; margin-bottom: .25rem !important; }
.bubble {
  width: fit-content; max-width: 100%; padding: .625rem 1rem; background: var(--bubble); border: 1px solid var(--line);
  border-radius: 4px 18px 18px 18px; white-space: pre-wrap; unicode-bidi: plaintext;
}
[dir=rtl] .bubble { border-radius: 18px 4px 18px 18px; }
.facts { display: flex; flex-wrap: wrap; align-items: center; gap: .125rem .875rem; margin-top: .5rem !important; color: var(--soft); font-size: .8125rem; }
.facts time { font-variant-numeric: tabular-nums; }
.status { padding: 0 .625rem; border-radius: 99px; font-weight: 700; }
.good { color: var(--good); background: var(--good-back); }
.bad { color: var(--bad); background: var(--bad-back); }
.open { color: var(--open); background: var(--open-back); }
.doubt { color: var(--doubt); background: var(--doubt-back); }

.email { background: var(--card); border: 1px solid var(--line); border-radius: 12px; overflow: hidden; }
.email + .email { margin-top: 1.25rem; }
.email h3 { padding: 1rem 1.25rem .25rem; }
.email dl { display: grid; grid-template-columns: auto 1fr; gap: 0 1rem; margin: 0; padding: 0 1.25rem 1rem; font-size: .875rem; }
.email dt { color: var(--soft); }
.email dd { margin: 0; display: flex; flex-wrap: wrap; gap: 0 1rem; }
iframe { display: block; width: 100%; height: 27rem; border: 0; border-block: 1px solid var(--line); background: #fff; resize: vertical; }
.inside { padding: .5rem 1.25rem; }
summary { padding-block: .375rem; color: var(--accent); cursor: pointer; width: fit-content; }
pre { margin: 0; font: .8125rem/1.8 ui-monospace, "Cascadia Mono", Consolas, "DejaVu Sans Mono", monospace; white-space: pre-wrap; }
pre:not([dir=ltr]) { font-family: inherit; font-size: .9375rem; }
details pre { padding: .75rem 1rem; margin-bottom: .75rem; background: var(--page); border-radius: 8px; }
.letter { padding: 1rem 1.25rem; border-block: 1px solid var(--line); }

.notice { margin-top: 1rem; padding: clamp(1.25rem, 4vw, 2rem); border: 1px solid var(--line); border-radius: 12px; background: var(--card); }
.notice.bad { background: var(--bad-back); border-color: currentcolor; }
.notice h2 { margin-bottom: .5rem; }
.notice p { margin: 0; max-width: 46rem; }
.command { margin-top: 1rem; padding: 1rem; border-radius: 8px; background: var(--page); text-align: left; }
code { padding: 0 .375rem; border-radius: 4px; background: var(--open-back); color: var(--ink); font: .875em ui-monospace, Consolas, "DejaVu Sans Mono", monospace; }
nav { display: flex; flex-wrap: wrap; align-items: center; gap: 0 1.5rem; }
nav a { padding-block: .5rem; }
#jump { margin-block-end: .5rem; }
#pages { justify-content: center; margin-top: 2rem; }

.guide { margin-top: 3rem; padding-top: 1.5rem; border-top: 1px solid var(--line); }
.guide h2 { margin-bottom: .25rem; }
.guide > p { margin: 0 0 1.25rem; max-width: 52rem; color: var(--soft); }
.columns { display: grid; gap: 1.5rem clamp(1.5rem, 3vw, 3rem); }
@media (min-width: 56rem) { .columns { grid-template-columns: minmax(0, 7fr) minmax(0, 5fr); } }
.guide dl { margin: .5rem 0 0; }
.guide dl > div { display: grid; grid-template-columns: 8rem 1fr; gap: 0 1rem; padding-block: .5rem; border-bottom: 1px solid var(--line); }
.guide dt { font-weight: 700; }
.guide dd { margin: 0; font-size: .9375rem; }
@media (max-width: 30rem) { .guide dl > div { grid-template-columns: 1fr; } }

@media (prefers-reduced-motion: no-preference) {
  .arrived { animation: arrive .5s ease-out; }
  @keyframes arrive { from { opacity: 0; transform: translateY(-.5rem); } }
}
`;
