import { source as axeSource } from 'axe-core';
import type { Page } from 'playwright-core';

/** Returns axe-core's violations on a page; axe runs outside the page's content security policy. */
export async function violations(page: Page): Promise<unknown[]> {
  await page.evaluate(axeSource);
  const [passed, found] = await page.evaluate<[number, unknown[]]>(
    `axe.run().then(({ passes, violations }) => [passes.length,
       violations.map(({ id, nodes }) => [id, ...nodes.map(({ html, failureSummary }) => html.slice(0, 300) + failureSummary)])])`,
  );
  expect(passed).toBeGreaterThan(15);
  return found;
}
