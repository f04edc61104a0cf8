import { createCallbacks } from '../core/alerts/callbacks';
import type { Config } from '../core/platform/config';
import { callbackSecrets, secretKeysOf } from '../core/platform/derived-keys';
import { Refusal } from '../core/platform/errors';
import type { Log } from '../core/platform/log';
import type { Metrics } from '../core/platform/metrics';
import type { QueueBackend } from '../core/platform/queue-backend';
import { type PagesDependencies, pages } from '../web/pages';
import { answerError } from './answer-error';
import { addDocs } from './docs';
import { recordRequests } from './record-requests';
import { callbackRoutes } from './routes/callbacks';
import { healthRoutes } from './routes/health';
import { type App, createServer } from './server';
import { type SystemDependencies, systemRoutes } from './system-routes';
import { traceRequests } from './trace-requests';

export type { App } from './server';

export interface AppDependencies extends SystemDependencies {
  config: SystemDependencies['config'] & PagesDependencies['config'] & Pick<Config, 'TRUSTED_PROXIES'>;
  backend: Pick<QueueBackend, 'kind' | 'ping' | 'queue' | 'warmUp'>;
  metrics: Metrics;
  log: Log;
}

/** The content security policy of answers that no browser should show; pages set their own. */
const API_CSP = "default-src 'none'; frame-ancestors 'none'";

/**
 * Builds the HTTP server. It opens no connection, does not listen, and closes none of its dependencies. Routes may be added until
 * it listens.
 */
export async function buildApp(deps: AppDependencies): Promise<App> {
  const app = createServer(deps.log, deps.config.TRUSTED_PROXIES);
  traceRequests(app);
  recordRequests(app, deps.metrics);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'x-request-id': request.id,
      'x-content-type-options': 'nosniff',
      'content-security-policy': API_CSP,
      'referrer-policy': 'no-referrer',
    });
    // The request is refused before its body is read.
    if (request.is404) throw notFound();
  });
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(() => {
    throw notFound();
  });
  await addDocs(app);
  await app.register(healthRoutes(deps));
  const secrets = callbackSecrets(secretKeysOf(deps.config));
  await app.register(callbackRoutes({ callbacks: createCallbacks(deps.db), secrets }));
  await app.register(systemRoutes(deps), { prefix: '/v1' });
  await app.register(pages({ ...deps, attachments: deps.acceptance.attachments }));
  return app;
}

const notFound = () => new Refusal('not_found', 'There is nothing at this address.');
