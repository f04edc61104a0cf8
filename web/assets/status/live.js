// @ts-check
/**
 * Keeps the status page up to date by the event stream `/ops/stream`. An element is changed where it differs and is
 * not replaced, so that the focus, a selection and the place of a screen reader stay. The inside of an element with
 * `data-kept` belongs to another script. The event `status-shown` follows each update.
 */
(() => {
  /** Two missed readings: the figures on the page are no longer the present. */
  const STALE_AFTER_MS = 6000;
  const RECONNECT_MS = 2000;

  document.documentElement.classList.add('live');

  const parser = new DOMParser();

  /**
   * @param {Element} element
   * @param {Element} next
   */
  function updateAttributes(element, next) {
    for (const { name } of [...element.attributes])
      if (!next.hasAttribute(name)) element.removeAttribute(name);
    for (const { name, value } of next.attributes)
      if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  }

  /**
   * @param {ChildNode} node
   * @param {ChildNode} next
   */
  function update(node, next) {
    if (node.nodeName !== next.nodeName) {
      node.replaceWith(next);
    } else if (node instanceof Element && next instanceof Element) {
      updateAttributes(node, next);
      if (!node.hasAttribute('data-kept')) updateChildren(node, next);
    } else if (node.nodeValue !== next.nodeValue) {
      node.nodeValue = next.nodeValue;
    }
  }

  /**
   * @param {Element} element
   * @param {Element} next
   */
  function updateChildren(element, next) {
    const before = [...element.childNodes];
    const after = [...next.childNodes];
    after.forEach((child, i) => {
      const present = before[i];
      if (present) update(present, child);
      else element.append(child);
    });
    for (const child of before.slice(after.length)) child.remove();
  }

  /** @param {{ title: string, panels: string[] }} status */
  function show({ title, panels }) {
    document.title = title + document.title.slice(document.title.indexOf(' |'));
    for (const html of panels) {
      const next = parser.parseFromString(html, 'text/html').body.firstElementChild;
      const present = next && document.getElementById(next.id);
      if (present) update(present, next);
    }
    document.dispatchEvent(new Event('status-shown'));
  }

  /** @type {HTMLElement[]} */
  const outageMessages = [...document.querySelectorAll('#away [data-part]')].filter(
    (element) => element instanceof HTMLElement,
  );

  /**
   * Shows that PostgreSQL or the server does not answer; null is for the present, when all is well.
   *
   * @param {string | null} outage
   */
  function showOutage(outage) {
    document.documentElement.classList.toggle('stale', outage !== null);
    for (const message of outageMessages) message.hidden = message.dataset.part !== outage;
  }

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let staleTimer;

  /** @param {string | null} outage */
  function noteReading(outage) {
    clearTimeout(staleTimer);
    staleTimer = setTimeout(showOutage, STALE_AFTER_MS, 'server');
    showOutage(outage);
  }

  function listen() {
    const stream = new EventSource('/ops/stream');
    stream.addEventListener('status', ({ data }) => {
      show(JSON.parse(data));
      noteReading(null);
    });
    stream.addEventListener('away', ({ data }) => noteReading(JSON.parse(data).part));
    // The browser takes up a stream again that broke off, and gives up one that was refused.
    stream.addEventListener('error', () => {
      if (stream.readyState === EventSource.CLOSED) void askWhyRefused();
    });
  }

  async function askWhyRefused() {
    const answer = await fetch('/ops/stream', { method: 'HEAD', redirect: 'manual' }).catch(() => null);
    if (answer?.type === 'opaqueredirect') {
      // The session is over: the page itself leads to the sign-in.
      location.reload();
      return;
    }
    noteReading(answer?.status === 503 ? 'postgres' : 'server');
    setTimeout(listen, RECONNECT_MS);
  }

  noteReading(null);
  listen();
})();
