// @ts-check
/**
 * Opens the page of an `a[data-dialog]` above the present one: the `<main>` of that page, in a native dialog of the
 * class that `data-dialog` names, without what has the class `page-only`. If anything fails, the browser follows the
 * link as usual.
 */
(() => {
  /** @param {HTMLDialogElement} dialog */
  function closeBar(dialog) {
    const bar = document.createElement('div');
    const button = document.createElement('button');
    bar.className = 'dialog-bar';
    button.className = 'button quiet';
    button.type = 'button';
    button.textContent = 'بستن';
    button.addEventListener('click', () => dialog.close());
    bar.append(button);
    return bar;
  }

  /**
   * @param {Element} main
   * @param {HTMLDialogElement} dialog
   */
  function dialogBody(main, dialog) {
    const body = document.createElement('div');
    body.className = 'dialog-body';
    body.append(...document.adoptNode(main).childNodes);
    const heading = body.querySelector('h1');
    if (heading) {
      heading.id = heading.id || 'dialog-title';
      dialog.setAttribute('aria-labelledby', heading.id);
    }
    return body;
  }

  /**
   * @param {Element} main
   * @param {HTMLAnchorElement} link
   */
  function showDialog(main, link) {
    const dialog = document.createElement('dialog');
    dialog.className = link.dataset.dialog ?? '';
    const body = dialogBody(main, dialog);
    dialog.append(closeBar(dialog), body);
    dialog.addEventListener('click', ({ target }) => {
      // The backdrop belongs to the dialog itself.
      if (target === dialog) dialog.close();
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      if (link.dataset.changes !== undefined) location.reload();
      else link.closest('details.menu')?.querySelector('summary')?.focus();
    });
    document.body.append(dialog);
    dialog.dispatchEvent(new Event('enhance', { bubbles: true }));
    dialog.showModal();
    /** @type {HTMLElement | null} */
    const first = body.querySelector('[autofocus]');
    first?.focus();
  }

  /** @param {HTMLAnchorElement} link */
  async function openPage(link) {
    link.setAttribute('aria-busy', 'true');
    try {
      const answer = await fetch(link.href, { credentials: 'same-origin' });
      if (!answer.ok || answer.redirected)
        throw new Error('the link leads to no page that a dialog could show');
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const main = page.querySelector('main');
      if (!main) throw new Error('the page has no <main>');
      showDialog(main, link);
    } catch {
      location.href = link.href;
    } finally {
      link.removeAttribute('aria-busy');
    }
  }

  /** @param {MouseEvent} event */
  const isPlainClick = ({ button, ctrlKey, metaKey, shiftKey, altKey }) =>
    button === 0 && !ctrlKey && !metaKey && !shiftKey && !altKey;

  document.addEventListener('click', (event) => {
    /** @type {HTMLAnchorElement | null} */
    const link = /** @type {Element} */ (event.target).closest('a[data-dialog]');
    // A link inside a dialog leads on to a page: dialogs do not stack.
    if (!link || !isPlainClick(event) || !window.HTMLDialogElement || link.closest('dialog')) return;
    event.preventDefault();
    if (!link.getAttribute('aria-busy')) void openPage(link);
  });
})();
