/**
 * `[data-seconds]` counts down the number in its `[data-left]`; at its end it hides, and what
 * `data-then` names becomes visible.
 */
export const countdownScript = `
const persian = (number) => String(number).replace(/[0-9]/g, (digit) => '۰۱۲۳۴۵۶۷۸۹'[digit]);
enhancers.push((root) => {
  for (const element of root.querySelectorAll('[data-seconds]')) {
    const end = Date.now() + Number(element.dataset.seconds) * 1000;
    const then = document.getElementById(element.dataset.then);
    const left = element.querySelector('[data-left]');
    const tick = () => {
      const seconds = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      if (left) left.textContent = persian(seconds);
      if (seconds > 0) return setTimeout(tick, 250);
      element.hidden = true;
      if (then) then.hidden = false;
    };
    if (then) then.hidden = true;
    element.hidden = false;
    tick();
  }
});`;
