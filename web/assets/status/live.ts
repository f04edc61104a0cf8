/**
 * Keeps the page up to date by the stream. Parts are changed where they differ and not replaced, so that the focus,
 * a selection and what a screen reader is at stay where they are. What has `data-kept` is left to its script.
 */
export const liveScript = `
const parser = new DOMParser();
const change = (old, next) => {
  if (old.nodeName !== next.nodeName) return old.replaceWith(next);
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== next.data) old.data = next.data;
    return;
  }
  for (const { name } of [...old.attributes]) if (!next.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of next.attributes)
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  if (old.dataset.kept !== undefined) return;
  const [before, after] = [[...old.childNodes], [...next.childNodes]];
  after.forEach((child, i) => (before[i] ? change(before[i], child) : old.append(child)));
  for (const child of before.slice(after.length)) child.remove();
};
const show = ({ title, panels }) => {
  document.title = title + document.title.slice(document.title.indexOf(' |'));
  for (const html of panels) {
    const next = parser.parseFromString(html, 'text/html').body.firstElementChild;
    change(document.getElementById(next.id), next);
  }
  drawCharts();
};

// Two readings missed: what stands there is no longer the present.
const LATE = 6000;
const parts = [...document.querySelectorAll('#away [data-part]')];
const sayAway = (part) => {
  document.documentElement.classList.toggle('stale', part !== null);
  for (const words of parts) words.hidden = words.dataset.part !== part;
};
let late;
const heard = (away) => {
  clearTimeout(late);
  late = setTimeout(sayAway, LATE, 'server');
  sayAway(away);
};

const listen = () => {
  const stream = new EventSource('/ops/stream');
  stream.addEventListener('status', ({ data }) => { show(JSON.parse(data)); heard(null); });
  stream.addEventListener('away', ({ data }) => heard(JSON.parse(data).part));
  // A stream that broke off is taken up again by the browser; one that was refused is not.
  stream.addEventListener('error', () => { if (stream.readyState === EventSource.CLOSED) void askWhy(); });
};
const askWhy = async () => {
  const answer = await fetch('/ops/stream', { method: 'HEAD', redirect: 'manual' }).catch(() => null);
  if (answer?.type === 'opaqueredirect') return location.reload();
  heard(answer?.status === 503 ? 'postgres' : 'server');
  setTimeout(listen, 2000);
};
heard(null);
listen();`;
