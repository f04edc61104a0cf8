// @ts-check
/** Copies the text of a `button[data-copy]` when it is pressed; the button shows `data-copied` for a moment. */
(() => {
  const CONFIRMATION_MS = 2500;

  document.addEventListener('enhance', ({ target }) => {
    if (!navigator.clipboard) return;
    const root = /** @type {ParentNode & EventTarget} */ (target);
    /** @type {NodeListOf<HTMLButtonElement>} */
    const buttons = root.querySelectorAll('button[data-copy]');
    for (const button of buttons) button.hidden = false;
  });

  /**
   * @param {HTMLButtonElement} button
   * @param {string} text
   */
  async function copy(button, text) {
    const label = button.textContent ?? '';
    button.dataset.label = label;
    button.setAttribute('aria-live', 'polite');
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      button.hidden = true;
      return;
    }
    button.textContent = button.dataset.copied || '✓';
    setTimeout(() => {
      button.textContent = label;
      delete button.dataset.label;
    }, CONFIRMATION_MS);
  }

  document.addEventListener('click', ({ target }) => {
    /** @type {HTMLButtonElement | null} */
    const button = /** @type {Element} */ (target).closest('button[data-copy]');
    const text = button?.dataset.copy;
    // A second press during the confirmation would copy its text over the button's label.
    if (button && text !== undefined && !button.dataset.label) void copy(button, text);
  });
})();
