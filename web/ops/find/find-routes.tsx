import type { FastifyPluginAsync } from 'fastify';
import { findNotices } from '../../../core/operator-console/find-notices';
import { sendPage } from '../../ui/send-page';
import { requireOperator } from '../operator-session';
import type { OpsDependencies } from '../ops-dependencies';
import { FindPage } from './find-page';

const MIN_QUERY_CHARS = 3;

/** `/ops/find`: one notice is shown at once, several as a list. Viewers may look for notices too. */
export const findRoutes =
  ({ db }: Pick<OpsDependencies, 'db'>): FastifyPluginAsync =>
  async (app) => {
    app.get('/ops/find', async (request, reply) =>
      sendPage(reply, <FindPage operator={requireOperator(request)} />),
    );

    app.post('/ops/find', async (request, reply) => {
      const operator = requireOperator(request);
      const { q, after } = request.body as Record<string, unknown>;
      const wanted = typeof q === 'string' ? q.trim().slice(0, 300) : '';
      if (wanted.length < MIN_QUERY_CHARS) {
        const fault = 'دست‌کم سه حرف یا رقم بنویسید.';
        return sendPage(reply, <FindPage operator={operator} query={wanted} fault={fault} />, 400);
      }
      const place = typeof after === 'string' ? after : undefined;
      const found = await findNotices(db, wanted, place);
      const [only, second] = found.rows;
      if (only && !second && !place)
        return reply.header('cache-control', 'no-store').redirect(`/ops/notices/${only.id}`, 303);
      return sendPage(reply, <FindPage operator={operator} query={wanted} found={found} />);
    });
  };
