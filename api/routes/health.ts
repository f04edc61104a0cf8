import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Queryable } from '../../core/platform/database';
import { Unavailable } from '../../core/platform/errors';
import type { Metrics } from '../../core/platform/metrics';
import type { QueueBackend } from '../../core/platform/queue-backend';
import { problemOf } from '../problem';

interface HealthRouteDependencies {
  db: Queryable;
  backend: Pick<QueueBackend, 'kind' | 'ping'>;
  metrics: Pick<Metrics, 'registry' | 'scrape'>;
}

/** The longest time of one check: a probe has a short deadline. */
const CHECK_TIMEOUT_MS = 1_000;

/** The probes of the process and its metrics. They need no key. */
export const healthRoutes =
  ({ db, backend, metrics }: HealthRouteDependencies): FastifyPluginAsyncZod =>
  async (app) => {
    app.addHook('onRequest', async (_request, reply) => {
      reply.header('cache-control', 'no-store');
    });

    app.get('/livez', { schema: { summary: 'The process lives', tags: ['operation'] } }, async () => ({
      status: 'live',
    }));

    app.get(
      '/readyz',
      { schema: { summary: 'What is up, and what is away', tags: ['operation'] } },
      async (_request, reply) => {
        const { postgres, queue, report } = await checkDependencies(db, backend);
        if (!postgres) {
          const problem = problemOf(new Unavailable('postgres'));
          reply.code(problem.status);
          return { ...problem, ...report };
        }
        // Notices are accepted without the queue: their alerts leave when it is back.
        return { status: queue ? 'ready' : 'degraded', ...report };
      },
    );

    app.get(
      '/metrics',
      { schema: { summary: 'Metrics in the format of Prometheus', tags: ['operation'] } },
      async (_request, reply) => reply.type(metrics.registry.contentType).send(await metrics.scrape()),
    );
  };

async function checkDependencies(db: Queryable, backend: HealthRouteDependencies['backend']) {
  const [postgres, queue] = await Promise.all([isUp(() => db.query('SELECT 1')), isUp(() => backend.ping())]);
  const away = [...new Set([...(postgres ? [] : ['postgres']), ...(queue ? [] : [backend.kind])])];
  const parts = { postgres: upOrAway(postgres), queue: upOrAway(queue) };
  return { postgres, queue, report: { ...(away.length > 0 && { away }), parts } };
}

const upOrAway = (up: boolean) => (up ? 'up' : 'away');

async function isUp(check: () => Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), CHECK_TIMEOUT_MS);
  });
  const up = check().then(
    () => true,
    () => false,
  );
  return Promise.race([up, late]).finally(() => clearTimeout(timer));
}
