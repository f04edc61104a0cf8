// @ts-check
/**
 * Starts the scripts of a page. JavaScript only adds to pages that work without it: the HTML marks what a script may
 * improve, and each script listens to the event `enhance` and improves what stands inside its target. The whole page
 * sends the event here, after all scripts have begun to listen; a dialog that opens later sends one of its own.
 */
(() => {
  document.dispatchEvent(new Event('enhance'));

  // A page that the browser kept in memory may be from before a logout.
  addEventListener('pageshow', (event) => {
    if (event.persisted && document.body.dataset.private !== undefined) location.reload();
  });
})();
