import type { FastifyInstance } from 'fastify';
import { isTracingEnabled, startRequestSpan } from '../core/platform/tracing';

/** Probes and scrapes, which come every few seconds and would drown the other traces. */
const UNTRACED_ROUTES = new Set(['/livez', '/readyz', '/metrics']);

/** Adds a span to every request if an OpenTelemetry SDK is registered by now; otherwise adds no hook. */
export function traceRequests(app: FastifyInstance): void {
  if (!isTracingEnabled()) return;
  app.addHook('onRequest', (request, reply, done) => {
    const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
    if (UNTRACED_ROUTES.has(route)) return done();
    const span = startRequestSpan(request.headers, request.method, route);
    // `close` is also emitted when the client has gone away.
    reply.raw.once('close', () => span.end(reply.statusCode));
    span.run(done);
  });
}
