/** Colours, type and what every element starts from. Each pair of colours that meets is at least 4.5:1. */
export const groundStyle = (fontUrl: string): string => `
@font-face {
  font-family: Vazirmatn; src: url("${fontUrl}") format("woff2"); font-weight: 100 900; font-display: swap;
}
:root {
  color-scheme: light dark;
  --page: #f4f5f4; --card: #ffffff; --sunken: #eceeee; --ink: #17262c; --soft: #4f5f67; --line: #d8dddd;
  --control: #74828a; --accent: #0c586a; --accent-hover: #083f4d; --accent-ink: #ffffff; --tint: #e3eff2;
  --band: #0b4654; --band-ink: #ffffff; --band-soft: #c3dbe1;
  --good: #14603a; --good-back: #e2f3e8; --bad: #972a1f; --bad-back: #fcebe8;
  --caution: #6d4900; --caution-back: #fcf1d8;
  --shadow: 0 1px 2px rgb(16 38 46 / .06), 0 6px 20px rgb(16 38 46 / .05);
  --radius: 14px; --measure: 64rem;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10171a; --card: #192327; --sunken: #131b1e; --ink: #e6edef; --soft: #a6b5bb; --line: #2f3c42;
    --control: #74868e; --accent: #86d0e0; --accent-hover: #b3e4ef; --accent-ink: #05262e; --tint: #1c333a;
    --band: #0d2c35; --band-ink: #eaf4f6; --band-soft: #a9c8d0;
    --good: #8bdcab; --good-back: #15301f; --bad: #ffb0a3; --bad-back: #40201b;
    --caution: #f1ca74; --caution-back: #352a10;
    --shadow: 0 1px 2px rgb(0 0 0 / .3);
  }
}
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-block-start: 1rem; }
body {
  margin: 0; min-height: 100vh; display: flex; flex-direction: column; background: var(--page); color: var(--ink);
  font: 1rem/1.9 Vazirmatn, Vazir, "Segoe UI", Tahoma, system-ui, sans-serif; overflow-wrap: anywhere;
}
table { overflow-wrap: break-word; }
h1, h2, h3 { margin: 0; line-height: 1.55; font-weight: 700; text-wrap: balance; }
h1 { font-size: clamp(1.375rem, 1.15rem + 1.1vw, 1.875rem); }
h2 { font-size: 1.1875rem; }
h3 { font-size: 1rem; }
p { margin: 0; text-wrap: pretty; }
a { color: var(--accent); text-underline-offset: .28em; text-decoration-thickness: 1px; }
a:hover { color: var(--accent-hover); text-decoration-thickness: 2px; }
small { font-size: .875rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 6px; }
main:focus { outline: none; }
time, .numeric, .code { font-variant-numeric: tabular-nums; }
bdi, time { unicode-bidi: isolate; }
[hidden] { display: none !important; }
.visually-hidden {
  position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
@media (forced-colors: active) { .button, .card, .message { border: 1px solid; } }
@media print {
  .site-header nav, .site-footer, .account, .button { display: none !important; }
  body { background: #fff; color: #000; }
}
`;
