import type { FastifyInstance } from 'fastify';
import { isTracingEnabled, startRequestSpan } from '../core/platform/tracing';

/** Asked every few seconds for ever, and of no interest to anybody. */
const UNTRACED_ROUTES = new Set(['/livez', '/readyz', '/metrics']);

/** A span for every request, if an SDK for traces is registered by now; else nothing is added at all. */
export function traceRequests(app: FastifyInstance): void {
  if (!isTracingEnabled()) return;
  app.addHook('onRequest', (request, reply, done) => {
    const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
    if (UNTRACED_ROUTES.has(route)) return done();
    const span = startRequestSpan(request.headers, request.method, route);
    // Also comes when the client has gone away.
    reply.raw.once('close', () => span.end(reply.statusCode));
    span.run(done);
  });
}
