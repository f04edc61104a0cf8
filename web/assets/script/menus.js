// @ts-check
/** Keeps one `details.menu` open at a time. Escape, a click elsewhere and a dialog that opens close it. */
(() => {
  /** @type {() => NodeListOf<HTMLDetailsElement>} */
  const openMenus = () => document.querySelectorAll('details.menu[open]');

  /** @param {Element | null} [except] */
  function closeMenus(except) {
    for (const menu of openMenus()) if (menu !== except) menu.open = false;
  }

  document.addEventListener('click', ({ target }) =>
    closeMenus(/** @type {Element} */ (target).closest('details.menu')),
  );
  document.addEventListener('enhance', ({ target }) => {
    if (target !== document) closeMenus();
  });
  document.addEventListener('keydown', ({ key }) => {
    const [menu] = key === 'Escape' ? openMenus() : [];
    if (!menu) return;
    menu.open = false;
    menu.querySelector('summary')?.focus();
  });
})();
