import type { FastifyInstance } from 'fastify';
import { isTraced, startRequestSpan } from '../core/platform/tracing';

/** Asked every few seconds for ever, and of no interest to anybody. */
const UNTRACED = new Set(['/livez', '/readyz', '/metrics']);

/** A span for every request, if an SDK for traces is registered by now; else nothing is added at all. */
export function traceRequests(app: FastifyInstance): void {
  if (!isTraced()) return;
  app.addHook('onRequest', (request, reply, done) => {
    const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
    if (UNTRACED.has(route)) return done();
    const span = startRequestSpan(request.headers, request.method, route);
    // Also comes when the client has gone away.
    reply.raw.once('close', () => span.end(reply.statusCode));
    span.run(done);
  });
}
