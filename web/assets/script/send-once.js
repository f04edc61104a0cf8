// @ts-check
/** Sends each form once: a second press while the form is on its way does nothing. */
(() => {
  document.addEventListener('submit', (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (form.method !== 'post') return;
    if (form.dataset.sent) event.preventDefault();
    else form.dataset.sent = 'yes';
  });

  // The browser may show the page again as it was when the form left.
  addEventListener('pageshow', () => {
    /** @type {NodeListOf<HTMLFormElement>} */
    const forms = document.querySelectorAll('form[data-sent]');
    for (const form of forms) delete form.dataset.sent;
  });
})();
