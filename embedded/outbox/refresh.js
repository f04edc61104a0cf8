// @ts-check
/**
 * Fetches the page again every two seconds and changes only what has changed, so that the place on the page, open
 * details and loaded frames stay. Each element of the page that may change has an id and a `data-version`. Of an
 * element with a `data-list` the list is compared entry by entry; any other element is replaced.
 */
(() => {
  const REFRESH_MS = 2000;

  /** @param {HTMLElement} element */
  const listOf = (element) => element.querySelector(':scope > [data-list]');

  /**
   * @param {HTMLElement} element
   * @param {HTMLElement} next
   */
  function update(element, next) {
    if (element.dataset.version === next.dataset.version) return;
    const list = listOf(element);
    const nextList = listOf(next);
    if (!list || !nextList) {
      element.replaceWith(next);
      return;
    }
    if (next.dataset.version !== undefined) element.dataset.version = next.dataset.version;
    const heading = element.firstElementChild;
    const nextHeading = next.firstElementChild;
    if (heading && nextHeading && heading !== list && !heading.isEqualNode(nextHeading))
      heading.innerHTML = nextHeading.innerHTML;
    updateList(list, nextList);
  }

  /** @param {Element} list */
  const entriesOf = (list) => [...list.children].filter((entry) => entry instanceof HTMLElement);

  /**
   * @param {Element} list
   * @param {Element} nextList
   */
  function updateList(list, nextList) {
    const nextEntries = entriesOf(nextList);
    const wanted = new Set(nextEntries.map(({ id }) => id));
    /** @type {Map<string, HTMLElement>} */
    const present = new Map();
    for (const entry of entriesOf(list)) {
      if (entry.id && wanted.has(entry.id)) present.set(entry.id, entry);
      else entry.remove();
    }
    let position = list.firstElementChild;
    for (const next of nextEntries) {
      const entry = present.get(next.id);
      if (!entry) {
        next.classList.add('arrived');
        list.insertBefore(next, position);
        continue;
      }
      if (entry === position) position = position.nextElementSibling;
      else list.insertBefore(entry, position);
      update(entry, next);
    }
  }

  const messages = /** @type {HTMLElement} */ (document.getElementById('messages'));
  const live = /** @type {HTMLElement} */ (document.getElementById('live'));

  /** @param {string} text for screen readers too, which read it out when it changes */
  function report(text) {
    if (live.textContent !== text) live.textContent = text;
  }

  /**
   * Keeps the entry that is being read where it is on the screen while new ones arrive above it.
   *
   * @param {() => void} change
   */
  function keepScrollPosition(change) {
    const section =
      messages.querySelector('section:hover') ?? messages.querySelector('section:focus-within') ?? messages;
    const entries = scrollY > 0 ? [...section.querySelectorAll('li[id], article.email')] : [];
    const read = entries.find((entry) => entry.getBoundingClientRect().bottom > 0);
    const top = read?.getBoundingClientRect().top ?? 0;
    change();
    if (read?.isConnected) scrollBy(0, read.getBoundingClientRect().top - top);
  }

  async function refresh() {
    if (document.hidden) return;
    try {
      const response = await fetch(location.href, { headers: { accept: 'text/html' } });
      const page = new DOMParser().parseFromString(await response.text(), 'text/html');
      const next = page.getElementById('messages');
      if (!next) throw new Error('the answer is not this page');
      keepScrollPosition(() => updateList(messages, next));
      report('');
    } catch {
      report('سامانه پاسخ نمی‌دهد؛ دوباره نگاه می‌شود.');
    }
  }

  async function watch() {
    await refresh();
    setTimeout(watch, REFRESH_MS);
  }
  setTimeout(watch, REFRESH_MS);
  document.addEventListener('visibilitychange', refresh);
})();
