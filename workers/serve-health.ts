import { createServer } from 'node:http';
import type { Config } from '../core/platform/config';
import type { Metrics } from '../core/platform/metrics';

/**
 * Answers `/livez` and `/metrics` of the workers process on WORKERS_PORT, if there is one. `/livez` is 200 as long as the process
 * can answer at all: a restart would not bring PostgreSQL back.
 */
export async function serveHealth(
  config: Config,
  metrics: Metrics,
): Promise<{ close(): Promise<void> } | null> {
  if (config.WORKERS_PORT === undefined) return null;
  const server = createServer(async (request, response) => {
    if (request.url === '/livez') return response.end('{"status":"live"}');
    if (request.url !== '/metrics') return response.writeHead(404).end();
    response.setHeader('content-type', metrics.registry.contentType);
    return response.end(await metrics.scrape());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.WORKERS_PORT, config.HOST, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
