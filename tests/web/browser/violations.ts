import { source as axeSource } from 'axe-core';
import type { Page } from 'playwright-core';

/** What axe-core finds wrong on a page; it runs beside the page's own policy. */
export async function violations(page: Page): Promise<unknown[]> {
  await page.evaluate(axeSource);
  const [passed, found] = await page.evaluate<[number, unknown[]]>(
    `axe.run().then(({ passes, violations }) => [passes.length,
       violations.map(({ id, nodes }) => [id, ...nodes.map(({ html, failureSummary }) => html.slice(0, 300) + failureSummary)])])`,
  );
  expect(passed).toBeGreaterThan(15);
  return found;
}
