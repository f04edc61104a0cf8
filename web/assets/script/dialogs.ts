/**
 * `a[data-dialog]` opens the page it leads to in a window above this one: the `<main>` of that page, in a
 * native dialog of the class `data-dialog` names. What has the class `page-only` is left out. Should anything
 * go wrong, the link is followed.
 */
export const dialogScript = `
const showDialog = (main, link) => {
  const dialog = document.createElement('dialog');
  const bar = document.createElement('div');
  const close = document.createElement('button');
  const body = document.createElement('div');
  dialog.className = link.dataset.dialog;
  bar.className = 'dialog-bar';
  body.className = 'dialog-body';
  close.className = 'button quiet';
  close.type = 'button';
  close.textContent = 'بستن';
  close.addEventListener('click', () => dialog.close());
  bar.append(close);
  body.append(...document.adoptNode(main).childNodes);
  const heading = body.querySelector('h1');
  if (heading) {
    heading.id = heading.id || 'dialog-title';
    dialog.setAttribute('aria-labelledby', heading.id);
  }
  dialog.append(bar, body);
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (link.dataset.changes !== undefined) return location.reload();
    link.closest('details.menu')?.querySelector('summary').focus();
  });
  document.body.append(dialog);
  enhance(dialog);
  dialog.showModal();
  body.querySelector('[autofocus]')?.focus();
};
document.addEventListener('click', async (event) => {
  const link = event.target.closest('a[data-dialog]');
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || !window.HTMLDialogElement || link.closest('dialog')) return;
  event.preventDefault();
  if (link.getAttribute('aria-busy')) return;
  link.setAttribute('aria-busy', 'true');
  try {
    const answer = await fetch(link.href, { credentials: 'same-origin' });
    if (!answer.ok || answer.redirected) throw new Error('not a page of its own');
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const main = page.querySelector('main');
    closeMenus();
    showDialog(main, link);
  } catch {
    location.href = link.href;
  } finally {
    link.removeAttribute('aria-busy');
  }
});`;
