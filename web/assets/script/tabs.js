// @ts-check
/**
 * Turns `.tabs`, a `nav` of links to the sections beside it, into tabs: one section shows at a time, and the keyboard
 * and screen readers find the roles they expect.
 */
(() => {
  /** @type {Record<string, number>} */
  const STEPS = { ArrowLeft: 1, ArrowRight: -1 };

  /** @typedef {{ link: HTMLAnchorElement, panel: HTMLElement }} Tab */

  /**
   * @param {Tab[]} tabs
   * @param {Tab} chosen
   */
  function select(tabs, chosen) {
    for (const tab of tabs) {
      const isChosen = tab === chosen;
      tab.link.setAttribute('aria-selected', String(isChosen));
      tab.link.tabIndex = isChosen ? 0 : -1;
      tab.panel.hidden = !isChosen;
    }
  }

  /**
   * @param {Tab[]} tabs
   * @param {Tab} tab
   */
  function connect(tabs, tab) {
    const { link, panel } = tab;
    link.setAttribute('role', 'tab');
    link.setAttribute('aria-controls', panel.id);
    link.id = link.id || `tab-${panel.id}`;
    panel.setAttribute('role', 'tabpanel');
    panel.setAttribute('aria-labelledby', link.id);
    panel.tabIndex = 0;
    link.addEventListener('click', (event) => {
      event.preventDefault();
      select(tabs, tab);
    });
    link.addEventListener('keydown', (event) => {
      if (event.key === ' ') {
        event.preventDefault();
        select(tabs, tab);
        return;
      }
      const step = STEPS[event.key];
      const next = step && tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
      if (!next) return;
      select(tabs, next);
      next.link.focus();
    });
  }

  /** @param {Element} container */
  function enhanceTabs(container) {
    const nav = container.querySelector(':scope > nav');
    /** @type {NodeListOf<HTMLAnchorElement> | []} */
    const links = nav?.querySelectorAll('a') ?? [];
    /** @type {Tab[]} */
    const tabs = [];
    for (const link of links) {
      /** @type {HTMLElement | null} */
      const panel = container.querySelector(`:scope > section[id="${CSS.escape(link.hash.slice(1))}"]`);
      if (panel) tabs.push({ link, panel });
    }
    const [first, second] = tabs;
    if (!nav || !first || !second) return;
    nav.setAttribute('role', 'tablist');
    for (const tab of tabs) connect(tabs, tab);
    select(tabs, first);
  }

  document.addEventListener('enhance', ({ target }) => {
    const root = /** @type {ParentNode & EventTarget} */ (target);
    root.querySelectorAll('.tabs').forEach(enhanceTabs);
  });
})();
