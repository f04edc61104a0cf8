import type { FastifyPluginAsync } from 'fastify';
import { findNotices } from '../../../core/operator-console/find-notices';
import { sendPage } from '../../ui/send-page';
import { requireOperator } from '../operator-session';
import type { OpsDependencies } from '../ops-dependencies';
import { FindPage } from './find-page';

const MIN_QUERY_CHARS = 3;

/** Serves `/ops/find`: a single result redirects to its notice, several results are listed. Viewers may search too. */
export const findRoutes =
  ({ db }: Pick<OpsDependencies, 'db'>): FastifyPluginAsync =>
  async (app) => {
    app.get('/ops/find', async (request, reply) =>
      sendPage(reply, <FindPage operator={requireOperator(request)} />),
    );

    app.post('/ops/find', async (request, reply) => {
      const operator = requireOperator(request);
      const { q, after } = request.body as Record<string, unknown>;
      const query = typeof q === 'string' ? q.trim().slice(0, 300) : '';
      if (query.length < MIN_QUERY_CHARS) {
        const error = 'دست‌کم سه حرف یا رقم بنویسید.';
        return sendPage(reply, <FindPage operator={operator} query={query} error={error} />, 400);
      }
      const cursor = typeof after === 'string' ? after : undefined;
      const found = await findNotices(db, query, cursor);
      const [only, second] = found.rows;
      if (only && !second && !cursor)
        return reply.header('cache-control', 'no-store').redirect(`/ops/notices/${only.id}`, 303);
      return sendPage(reply, <FindPage operator={operator} query={query} found={found} />);
    });
  };
