/** `button[data-copy]` copies its text, and says `data-copied` for a moment. */
export const copyScript = `
enhancers.push((root) => {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll('button[data-copy]')) button.hidden = false;
});
document.addEventListener('click', async (event) => {
  const button = event.target.closest('button[data-copy]');
  if (!button || button.dataset.said) return;
  button.dataset.said = button.textContent;
  button.setAttribute('aria-live', 'polite');
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.copied || '✓';
  } catch {
    button.hidden = true;
    return;
  }
  setTimeout(() => { button.textContent = button.dataset.said; delete button.dataset.said; }, 2500);
});`;
