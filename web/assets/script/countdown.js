// @ts-check
/**
 * Counts down the seconds of each `[data-seconds]` in its `[data-left]`. At zero the element hides, and the element
 * whose id `data-then` names becomes visible.
 */
(() => {
  const TICK_MS = 250;

  /** @param {number} number */
  const toPersianDigits = (number) =>
    String(number).replace(/[0-9]/g, (digit) => '۰۱۲۳۴۵۶۷۸۹'.charAt(Number(digit)));

  /** @param {HTMLElement} element */
  function countDown(element) {
    const end = Date.now() + Number(element.dataset.seconds) * 1000;
    const next = document.getElementById(element.dataset.then ?? '');
    const left = element.querySelector('[data-left]');
    const tick = () => {
      const seconds = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      if (left) left.textContent = toPersianDigits(seconds);
      if (seconds > 0) {
        setTimeout(tick, TICK_MS);
        return;
      }
      element.hidden = true;
      if (next) next.hidden = false;
    };
    if (next) next.hidden = true;
    element.hidden = false;
    tick();
  }

  document.addEventListener('enhance', ({ target }) => {
    const root = /** @type {ParentNode & EventTarget} */ (target);
    /** @type {NodeListOf<HTMLElement>} */
    const elements = root.querySelectorAll('[data-seconds]');
    elements.forEach(countDown);
  });
})();
