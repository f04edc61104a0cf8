/**
 * `.tabs`: a `nav` of links to the sections beside it. With JavaScript one section shows at a time, and the
 * links are tabs, for the keyboard and for screen readers too.
 */
export const tabsScript = `
enhancers.push((root) => {
  for (const tabs of root.querySelectorAll('.tabs')) {
    const list = tabs.querySelector(':scope > nav');
    const links = list ? [...list.querySelectorAll('a')] : [];
    if (links.length < 2) continue;
    const panelOf = (link) => tabs.querySelector(':scope > section[id="' + CSS.escape(link.hash.slice(1)) + '"]');
    const select = (chosen) => {
      for (const link of links) {
        link.setAttribute('aria-selected', link === chosen);
        link.tabIndex = link === chosen ? 0 : -1;
        panelOf(link).hidden = link !== chosen;
      }
    };
    list.setAttribute('role', 'tablist');
    for (const link of links) {
      const panel = panelOf(link);
      link.setAttribute('role', 'tab');
      link.setAttribute('aria-controls', panel.id);
      link.id = link.id || 'tab-' + panel.id;
      panel.setAttribute('role', 'tabpanel');
      panel.setAttribute('aria-labelledby', link.id);
      panel.tabIndex = 0;
      link.addEventListener('click', (event) => { event.preventDefault(); select(link); });
      link.addEventListener('keydown', (event) => {
        if (event.key === ' ') { event.preventDefault(); return select(link); }
        const step = { ArrowLeft: 1, ArrowRight: -1 }[event.key];
        if (!step) return;
        const next = links[(links.indexOf(link) + step + links.length) % links.length];
        select(next);
        next.focus();
      });
    }
    select(links[0]);
  }
});`;
