/**
 * What the page runs where there is JavaScript: it fetches itself every two seconds and changes only what has
 * changed, so that the place on the page, open details and loaded frames stay. Each part of the page it looks
 * at has an id and a `data-version`; a part with a `data-list` is looked into, any other is replaced.
 */
export const REFRESH_SCRIPT = `
(() => {
  const EVERY_MS = 2000;
  const list = (part) => part.querySelector(':scope > [data-list]');

  function update(known, fresh) {
    if (known.dataset.version === fresh.dataset.version) return;
    const lists = [list(known), list(fresh)];
    if (!lists[0] || !lists[1]) return known.replaceWith(fresh);
    known.dataset.version = fresh.dataset.version;
    const heads = [known.firstElementChild, fresh.firstElementChild];
    if (heads[0] !== lists[0] && !heads[0].isEqualNode(heads[1])) heads[0].innerHTML = heads[1].innerHTML;
    updateList(...lists);
  }

  function updateList(known, fresh) {
    const wanted = new Set([...fresh.children].map(({ id }) => id));
    const there = new Map();
    for (const part of [...known.children]) {
      if (part.id && wanted.has(part.id)) there.set(part.id, part);
      else part.remove();
    }
    let at = known.firstElementChild;
    for (const part of [...fresh.children]) {
      const old = there.get(part.id);
      if (!old) {
        part.classList.add('arrived');
        known.insertBefore(part, at);
        continue;
      }
      if (old === at) at = at.nextElementSibling;
      else known.insertBefore(old, at);
      update(old, part);
    }
  }

  const messages = document.getElementById('messages');
  const live = document.getElementById('live');
  const say = (text) => {
    if (live.textContent !== text) live.textContent = text;
  };

  function keepingPlace(change) {
    const read = messages.querySelector('section:hover') ?? messages.querySelector('section:focus-within') ?? messages;
    const parts = scrollY > 0 ? [...read.querySelectorAll('li[id], article.email')] : [];
    const seen = parts.find((part) => part.getBoundingClientRect().bottom > 0);
    const before = seen && seen.getBoundingClientRect().top;
    change();
    if (seen && seen.isConnected) scrollBy(0, seen.getBoundingClientRect().top - before);
  }

  async function refresh() {
    if (document.hidden) return;
    try {
      const response = await fetch(location.href, { headers: { accept: 'text/html' } });
      const page = new DOMParser().parseFromString(await response.text(), 'text/html');
      const fresh = page.getElementById('messages');
      if (!fresh) throw new Error('not the page');
      keepingPlace(() => updateList(messages, fresh));
      say('');
    } catch {
      say('سامانه پاسخ نمی‌دهد؛ دوباره نگاه می‌شود.');
    }
  }

  async function watch() {
    await refresh();
    setTimeout(watch, EVERY_MS);
  }
  setTimeout(watch, EVERY_MS);
  document.addEventListener('visibilitychange', refresh);
})();
`;
