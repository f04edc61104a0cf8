import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../core/platform/metrics';

/**
 * Logs every answered request on one line and counts it in the metrics. Both name the pattern of the route and never the address,
 * which can hold a secret or a national ID.
 */
export function recordRequests(app: FastifyInstance, metrics: Pick<Metrics, 'countRequest'>): void {
  app.addHook('onResponse', async (request, reply) => {
    const { method } = request;
    const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
    const status = reply.statusCode;
    const ms = reply.elapsedTime;
    metrics.countRequest({ method, route, status, seconds: ms / 1000 });
    request.log.info({ method, route, status, ms: Math.round(ms * 10) / 10 }, 'request');
  });
}
